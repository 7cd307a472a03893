/** Discovery faults that contradict each other, or that no client would notice: refused, with their place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.js';
import { loadScenario } from './load-scenario.js';

/** @param faults each a line of the list; the first is line 11. */
const scenario = (faults: readonly string[], client: string) => `name: lost
summary: Where are they?
client: ${client}
targets:
  backends: [{ name: a, zone: east }, { name: b, zone: west }, { name: c, zone: west }]
load: [{ call: unary, arrivals: { poisson: 4/s } }]
phases:
  - { name: calm, for: 2s }
  - { name: storm, for: 8s }
faults:
${faults.map((fault) => `  - ${fault}\n`).join('')}`;

/** The lines that a user would see, without the file's name. */
function mistakesIn(faults: readonly string[], client = '{}'): string[] {
  try {
    loadScenario('lost.yaml', scenario(faults, client));
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll('lost.yaml:', '').split('\n');
  }
  return [];
}

const SET = 'disc-set: { phase: storm, zones: [west], at: 2s, for: 2s }';

test('names and zones are resolved to backends; what stands side by side is accepted', () => {
  const lines = [
    SET,
    'disc-empty: { phase: storm, at: 4s, for: 1s }',
    'disc-error: { phase: storm, at: 3s, for: 1500ms }',
    'disc-slow: { phase: storm, by: 100ms }',
    'disc-churn: { phase: calm, every: 100ms, backends: [a, b] }',
  ];
  const { faults } = loadScenario('lost.yaml', scenario(lines, '{}')).variants[0] ?? assert.fail();
  assert.deepEqual(
    faults.map(({ id, backends }) => [id, backends]),
    [
      ['storm/disc-set', ['b', 'c']],
      ['storm/disc-empty', undefined],
      ['storm/disc-error', undefined],
      ['storm/disc-slow', undefined],
      ['calm/disc-churn', ['a', 'b']],
    ],
  );
});

test('two that decide the same thing at one moment contradict each other', () => {
  assert.deepEqual(mistakesIn([SET, 'disc-empty: { phase: storm, at: 3s, for: 2s }']), [
    '12:17: disc-empty contradicts storm/disc-set: both say which backends are named (storm/disc-set lasts from 4 s to 6 s of the run)',
  ]);
  const [answered] = mistakesIn([
    'disc-error: { phase: storm }',
    'disc-stale: { phase: storm, gone: 1 }',
  ]);
  assert.match(
    answered ?? '',
    /^12:17: disc-stale contradicts storm\/disc-error: both say what is answered/,
  );
  const [time] = mistakesIn([
    SET,
    'disc-slow: { phase: storm, by: 1s }',
    'disc-slow: { phase: storm, by: 2s }',
  ]);
  assert.match(time ?? '', /^13:16: disc-slow contradicts storm\/disc-slow: both say how long/);
});

test('a list that something else is answered for all the time never acts', () => {
  const early = 'disc-error: { phase: storm, at: 1s, for: 2s }';
  const late = 'disc-error: { phase: storm, at: 3s, for: 3s }';
  const [hidden, ...more] = mistakesIn([SET, early, late]);
  assert.match(
    hidden ?? '',
    /^11:15: disc-set can never act: storm\/disc-error and storm\/disc-error#2 is answered in/,
  );
  assert.deepEqual(more, []);
  assert.deepEqual(mistakesIn([SET, early]), []);
  // A stale answer that begins while the list is named keeps it, and so tells it.
  assert.deepEqual(mistakesIn([SET, early, 'disc-stale: { phase: storm, at: 3s, for: 3s }']), []);
  const stale = 'disc-stale: { phase: storm, at: 2s, for: 2s, gone: 1 }';
  assert.deepEqual(mistakesIn([SET, stale]), []);
  assert.match(mistakesIn([stale, SET])[0] ?? '', /^12:15: disc-set can never act/);
});

test('what keeps back or delays the changes of others needs some', () => {
  const [stale] = mistakesIn(['disc-stale: { phase: storm }']);
  assert.match(
    stale ?? '',
    /^11:17: disc-stale has no effect: no other fault changes .*\(gone: 1\)/,
  );
  assert.deepEqual(mistakesIn(['disc-stale: { phase: storm, gone: 1 }']), []);
  // A failure is no news that a stale answer could miss.
  const [slow] = mistakesIn([SET, 'disc-slow: { phase: calm, by: 1s }']);
  assert.match(slow ?? '', /^12:16: disc-slow has no effect/);
  assert.deepEqual(
    mistakesIn(['disc-slow: { phase: storm, by: 1s }', 'disc-error: { phase: storm }']),
    [],
  );
  assert.deepEqual(
    mistakesIn(
      ['disc-slow: { phase: storm, by: 1s }'],
      '{ options: { grpc.client_idle_timeout_ms: 1000 } }',
    ),
    [],
  );
  // A set that ends as the stale answer begins, and a list that changes throughout.
  assert.deepEqual(mistakesIn([SET, 'disc-stale: { phase: storm, at: 4s }']), []);
  assert.deepEqual(
    mistakesIn([
      'disc-churn: { phase: storm, every: 1s }',
      'disc-stale: { phase: storm, at: 4s, for: 1s }',
    ]),
    [],
  );
});

test('a list that is none, or no other than always', () => {
  assert.deepEqual(mistakesIn(['disc-set: { phase: storm, backends: [c, a, b] }']), [
    '11:15: disc-set names all backends, as name resolution does anyway',
  ]);
  assert.deepEqual(mistakesIn(['disc-churn: { phase: storm, every: 1s, zones: [east] }']), [
    '11:17: disc-churn needs more than 1 backend to choose from, and acts on 1',
  ]);
  const [many] = mistakesIn(['disc-churn: { phase: storm, every: 1s, named: 3 }']);
  assert.match(many ?? '', /needs more than 3 backends to choose from, and acts on 3/);
  const [unknown] = mistakesIn(['disc-set: { phase: storm, backends: [d] }']);
  assert.match(unknown ?? '', /there is no backend "d"/);
});
