/** What is said of each outcome, and how the program ends; and what a run counts for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Summary } from '../../metrics/summary.js';
import { answerOf } from './runs.js';
import { scaleBetween } from './scale.js';
import type { Boundary } from './search.js';
import { boundaryExitCode, renderPoints, tellBoundary } from './tell-boundary.js';

const scale = scaleBetween('100ms', '4s');
const titles = { title: 'faults.proc-pause.for', check: 'trigger/metastability' };

test('each outcome is a sentence and an exit code', () => {
  const mixed = [{ value: 0.95e9, answers: ['pass', 'fail', 'open', 'pass'] as const }];
  const table: [Boundary, number, string][] = [
    [
      { kind: 'found', before: 'pass', until: 0.9e9, since: 1e9, mixed: [] },
      0,
      'trigger/metastability passes up to 900 ms, in every run. It fails from 1 s on, in every run.',
    ],
    [
      { kind: 'found', before: 'fail', until: 0.9e9, since: 1e9, mixed },
      0,
      'trigger/metastability fails up to 900 ms, in every run. It passes from 1 s on, in every run. In between chance decides: 950 ms (2 of 3 passed, 1 undecided).',
    ],
    [
      { kind: 'found', before: 'pass', mixed },
      0,
      'trigger/metastability passes for the most part only, at the first value already. It fails for the most part only, at the last value still. In between chance decides: 950 ms (2 of 3 passed, 1 undecided).',
    ],
    [
      { kind: 'none', side: 'pass' },
      1,
      'There is no boundary between 100 ms and 4 s: trigger/metastability passes at both.',
    ],
    [
      { kind: 'open', value: 2e9 },
      3,
      'At faults.proc-pause.for = 2 s the runs could not decide trigger/metastability.',
    ],
    [
      { kind: 'open', value: 2e9, between: { before: 'pass', near: 1e9, far: 3e9 } },
      3,
      'At faults.proc-pause.for = 2 s the runs could not decide trigger/metastability; for the most part it passes at 1 s and fails at 3 s.',
    ],
    [{ kind: 'unfinished' }, 130, 'It was interrupted before a boundary was found.'],
  ];
  for (const [boundary, exitCode, told] of table) {
    assert.equal(tellBoundary(boundary, scale, titles), told);
    assert.equal(boundaryExitCode(boundary), exitCode);
  }
  const points = renderPoints([{ value: 1e9, answers: ['fail', 'fail'] }], scale, titles.title);
  assert.match(points, /1 s +│ 0 of 2 passed/);
});

test('a run answers by its check alone, and not at all where it cannot be trusted', () => {
  const check = { name: 'a/goodput', verdict: 'fail', expected: '', unit: '', why: 'few' };
  const summary = (variant: object = {}, generator: object = {}) =>
    ({
      variants: [{ complete: true, checks: [check], ...variant }],
      generator: { saturated: false, reasons: [], ...generator },
      outcome: { verdict: 'invalid', exitCode: 3, reasons: ['another check'] },
    }) as unknown as Summary;
  const answer = (of: Summary | string) => answerOf(of, 'a/goodput').answer;
  assert.equal(answer(summary()), 'fail');
  assert.equal(answer(summary({ checks: [{ ...check, verdict: 'pass' }] })), 'pass');
  assert.equal(answer(summary({ checks: [{ ...check, verdict: 'inconclusive' }] })), 'open');
  assert.equal(answer(summary({ complete: false, reason: 'b0 was lost' })), 'open');
  assert.equal(answer(summary({}, { reasons: ['too slow'] })), 'open');
  assert.equal(answer(summary({ checks: [] })), 'open');
  assert.equal(answer('a port was taken'), 'open');
});
