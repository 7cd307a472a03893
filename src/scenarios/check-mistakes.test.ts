/** Checks that could never be judged are refused at their place, each with the reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.js';
import { loadScenario } from './load-scenario.js';

const scenario = (check: string, more = '') => `
name: s
summary: s
targets: { backends: 2 }
load:
  - { name: say, call: unary, arrivals: { constant: 10/s } }
phases: [{ name: calm, for: 1s }, { name: storm, for: 1s }]
variants:
  plain: {}
  other:
    checks:
      - ${check}
${more}`;

function refused(check: string, more = ''): string {
  try {
    loadScenario('s.yaml', scenario(check, more));
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.mistakes
      .map(({ where, message, hint }) => `${where} ${message} ${hint ?? ''}`)
      .join('\n');
  }
  return '';
}

test('names that nobody has, with the nearest that there is', () => {
  const cases = [
    [
      'head-of-line: { of: { phase: stom }, against: { phase: calm }, atMost: 2 }',
      /no phase "stom" .*storm/,
    ],
    [
      'head-of-line: { of: { phase: calm }, against: { phase: calm, variant: plan }, atMost: 2 }',
      /^s\.yaml:12:.* head-of-line: there is no variant "plan" .*plain/,
    ],
    [
      'head-of-line: { of: { phase: calm, load: sya }, against: { phase: storm }, atMost: 2 }',
      /no load "sya" .*say/,
    ],
    ['time-to-detect: { phase: storm, backend: b7, atMost: 1s }', /there is no backend "b7"/],
    ['metastability: { after: storm, shed: calm, restored: lull }', /no phase "lull"/],
    ['wasted-work: { phase: storm, tier: frnt, atMost: 1% }', /no tier "frnt" .*front/],
    ['versus: { phase: storm, against: plian, atMost: 1 }', /no variant "plian" .*plain/],
    ['backend-share: { phase: storm, backends: [b0, b2], atMost: 1% }', /no backend "b2"/],
  ] as const;
  for (const [check, message] of cases) assert.match(refused(check), message);
});

test('data that the plan can never have', () => {
  const closed = `load:\n  - { name: say, call: unary, arrivals: { closed: 2 } }`;
  const cases = [
    ['misroutes: { phase: storm, atMost: 0 }', /no backend can be unhealthy or gone/],
    ['wasted-work: { phase: storm, tier: front, atMost: 1% }', /there is one tier/],
    ['retry-amplification: { phase: storm, tier: front, atMost: 1 }', /there is one tier/],
    ['versus: { phase: storm, against: other, atMost: 1 }', /other is held against itself/],
    ['utilisation: { phase: storm, backends: [b0], atMost: 1% }', /b0 has no capacity/],
    [
      'misroutes: { phase: storm, service: a/B, atMost: 0 }',
      /a method's own health is not counted/,
    ],
    [
      'hedging-gain: { phase: storm, against: plain, gainAtLeast: 10% }',
      /other has no hedgingPolicy/,
    ],
    [
      'hedging-gain: { phase: storm, against: other, gainAtLeast: 10% }',
      /other is held against itself/,
    ],
    ['deadline-overshoot: { phase: storm, atLeast: 99% }', /no load has calls with a deadline/],
    ['wasted-work: { phase: storm, atMost: 10% }', /no backend has a capacity/],
    ['backpressure-bound: { phase: storm, atMost: 64KiB }', /no load keeps streams open/],
    ['time-to-detect: { phase: storm, backend: b0, atMost: 1s }', /there is no fault to detect/],
  ] as const;
  for (const [check, message] of cases) assert.match(refused(check), message);
  const inClosedLoop = (check: string) => {
    const text = scenario(check).replace(/load:\n.*\n/, `${closed}\n`);
    assert.throws(() => loadScenario('s.yaml', text), /every load is a closed loop/);
  };
  inClosedLoop('lost-service: { from: storm, atMost: 1s }');
  inClosedLoop('metastability: { after: storm }');
});

test('options that contradict each other, and a check that compares, are taken as they are', () => {
  assert.match(
    refused('metastability: { after: storm, shed: calm }'),
    /shed and restored go together/,
  );
  assert.match(
    refused('metastability: { after: storm, expect: damaged }'),
    /told apart by phases shed/,
  );
  assert.match(
    refused('head-of-line: { of: { phase: calm }, against: { phase: calm }, atMost: 2 }'),
    /of and against are the same/,
  );
  assert.equal(
    refused(
      'head-of-line: { of: { phase: calm }, against: { phase: calm, variant: plain }, atMost: 2 }',
    ),
    '',
  );
  assert.equal(refused('littles-law: { phase: calm }'), '');
  assert.equal(refused('reconnect-rate: { phase: calm, countAtMost: 2 }'), '');
  assert.equal(refused('lost-calls: { phase: calm, atMost: 0 }'), '');
  assert.equal(refused('status-table: { phase: calm, may: { OK: { atLeast: 99% } } }'), '');
});
