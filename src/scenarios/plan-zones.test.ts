import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.js';
import { loadScenario } from './load-scenario.js';

const scenario = (backends: string, zone: string) => `name: zones
summary: Where do calls go?
targets: { backends: ${backends} }
client: { balancer: { zone-aware: { zone: ${zone} } } }
load: [{ call: unary, arrivals: { constant: 10/s } }]
phases: [{ name: all, for: 1s }]
`;

function mistakesIn(text: string): string[] {
  try {
    loadScenario('zones.yaml', text);
    return [];
  } catch (error) {
    assert.ok(error instanceof UserError);
    return error.mistakes.map(({ where, message, hint }) => `${where}: ${message} (${hint})`);
  }
}

test('zone-aware is refused where there are no zones, or not that one', () => {
  const zoned = '[{ name: x, zone: east }, { name: y, zone: west }]';
  assert.deepEqual(mistakesIn(scenario(zoned, 'west')), []);
  const [unknown = ''] = mistakesIn(scenario(zoned, 'wset'));
  assert.match(unknown, /^zones\.yaml:4:21: .*no backend stands in zone "wset".*"west"/);
  const [none = ''] = mistakesIn(scenario('2', 'west'));
  assert.match(none, /^zones\.yaml:4:21: zone-aware: no backend has a zone \(name them/);
});
