/**
 * What analysis judges by itself: saturation, agreement on attempts, checks that rest on timing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../../test/support/analysed.js';
import { aPhase, aVariantSummary } from '../../test/support/findings.js';
import {
  aLoadLine,
  aVariant,
  aVariantLine,
  durationsOf,
  okCalls,
  phasesOf,
} from '../../test/support/record-lines.js';
import type { LoadLine } from '../metrics/record.js';
import { agreeOnAttempts } from './attempt-agreement.js';
import { fairnessOf } from './fairness.js';
import { judgeChecks } from './verdicts.js';

test("Jain's index and max over mean", () => {
  const cases: readonly (readonly [readonly number[], number, number])[] = [
    // All the same: 1. All on one of n: 1/n, and n times the mean.
    [[5, 5, 5, 5], 1, 1],
    [[0, 8, 0, 0], 1 / 4, 4],
    // (1+2+3)² / (3 · (1+4+9)) = 36/42; 3/2.
    [[1, 2, 3], 36 / 42, 1.5],
  ];
  for (const [attempts, jain, maxOverMean] of cases) {
    assert.deepEqual(fairnessOf(attempts), { jain, maxOverMean });
  }
  // A window of 19 attempts on two backends says nothing; of three that do, the middle one.
  const windows = [
    [19, 0],
    [20, 0],
    [10, 10],
    [0, 0],
    [15, 5],
  ];
  assert.deepEqual(fairnessOf([64, 15], windows)?.windows, {
    count: 3,
    jainMin: 0.5,
    jainMedian: 400 / 500,
    maxOverMeanMax: 2,
  });
  assert.equal(fairnessOf([7]), undefined);
  assert.equal(fairnessOf([0, 0]), undefined);
});

const PHASES = phasesOf(['warm-up', 1], ['baseline', 2], ['storm', 2]);

function generatorOf(...lines: readonly LoadLine[]) {
  const plan = aVariant('v', { phases: PHASES });
  const { generator, variants } = findingsOf([plan], aVariantLine('v'), ...lines);
  assert.deepEqual(variants[0]?.generator, generator);
  return generator;
}

/** Two in a hundred of so many calls leave late. */
const lateness = (phase: string, ms: number, count = 1000) => ({
  calls: [
    {
      ...okCalls(phase, count),
      lateness: durationsOf([0.1, 0.98 * count], [ms, 0.02 * count]),
    },
  ],
});

test('the generator is saturated when 1 % of a phase’s calls leave more than 20 ms late', () => {
  assert.equal(generatorOf(aLoadLine('v', 1, lateness('baseline', 19.9))).saturated, false);
  const { saturated, reasons } = generatorOf(
    // A quiet phase does not make good a loaded one: 1 % of both together would be in time.
    aLoadLine('v', 1, { calls: [{ ...okCalls('baseline', 1), lateness: durationsOf([1, 9999]) }] }),
    aLoadLine('v', 3, lateness('storm', 30)),
  );
  assert.equal(saturated, true);
  assert.deepEqual(reasons, [
    'in storm, 1 % of calls were sent 30 ms late or later (the limit is 20 ms)',
  ]);
  assert.equal(generatorOf(aLoadLine('v', 0, lateness('warm-up', 500))).saturated, false);
});

test('of few calls, about ten must be late before the generator is called saturated', () => {
  // 200 calls: 4 of them late are below 5 %. One pause of the machine can do that.
  assert.equal(generatorOf(aLoadLine('v', 3, lateness('storm', 30, 200))).saturated, false);
  const tenth = { ...okCalls('storm', 200), lateness: durationsOf([0.1, 180], [30, 20]) };
  const { reasons } = generatorOf(aLoadLine('v', 3, { calls: [tenth] }));
  assert.deepEqual(reasons, [
    'in storm, 5 % of calls were sent 30 ms late or later (the limit is 20 ms)',
  ]);
});

test('the generator is saturated when a worker’s loop is busy for over 90 % of a phase', () => {
  const busy = (index: number, worker: number, loopBusyShare: number) =>
    aLoadLine('v', index, { worker, generator: { loopBusyShare } });
  // Worker 1 over baseline: (1.0 + 0.8) / 2 = 0.9, which is still within.
  const within = generatorOf(busy(1, 1, 1), busy(2, 1, 0.8), busy(1, 0, 0.1));
  assert.deepEqual([within.saturated, within.loopBusyShare], [false, 0.9]);
  const { reasons } = generatorOf(busy(1, 1, 1), busy(2, 1, 0.82), busy(1, 0, 0.1));
  assert.deepEqual(reasons, [
    'in baseline, the event loop of worker 1 was busy for 91 % of the time ' +
      '(the limit is 90 %)',
  ]);
  assert.equal(generatorOf(busy(0, 0, 1)).saturated, false);
});

test('a verdict that rests on timing is neither pass nor fail of a saturated generator', () => {
  const checks = [0.5, 1].flatMap((share) => [
    { kind: 'goodput', options: { phase: 'storm', atLeast: { share } } },
    { kind: 'success-rate', options: { phase: 'storm', atLeast: share } },
  ]);
  const phases = [aPhase('storm', [0, 1000], { offered: 100, good: 80 })];
  const { checks: _, ...calm } = aVariantSummary({ phases });
  const saturated = { ...calm, generator: { saturated: true, reasons: ['it was late'] } };
  const verdicts = (findings: typeof calm) =>
    judgeChecks(checks, findings).map(({ name, verdict }) => [name, verdict]);
  assert.deepEqual(verdicts(calm), [
    ['storm/goodput', 'pass'],
    ['storm/success-rate', 'pass'],
    ['storm/goodput#2', 'fail'],
    ['storm/success-rate#2', 'fail'],
  ]);
  // Goodput rests on timing, a count of statuses does not.
  assert.deepEqual(verdicts(saturated), [
    ['storm/goodput', 'inconclusive'],
    ['storm/success-rate', 'pass'],
    ['storm/goodput#2', 'inconclusive'],
    ['storm/success-rate#2', 'fail'],
  ]);
  assert.match(
    judgeChecks(checks, saturated)[0]?.why ?? '',
    /that would be a pass, but the generator was saturated \(it was late\)/,
  );
});

test('attempts: agreement, and the likely reasons where there is none', () => {
  const attempts = { first: 100, retries: 20, transparent: 0, hedges: 0, byCode: {} };
  const base = { attempts, received: { '0': 100, '1': 20 }, events: [], complete: true };
  assert.deepEqual(agreeOnAttempts(base), {
    client: 120,
    server: 120,
    agree: true,
    serverByPreviousAttempts: { '0': 100, '1': 20 },
  });
  const lost = agreeOnAttempts({
    ...base,
    attempts: {
      ...attempts,
      byCode: { OK: 107, DEADLINE_EXCEEDED: 3, CANCELLED: 1, UNAVAILABLE: 2 },
    },
    received: { '0': 95, '1': 20 },
    events: [{ atMs: 1, kind: 'backend.died', detail: 'b1 died', subject: 'b1' }],
    complete: false,
  });
  assert.equal(lost.agree, false);
  assert.equal(
    lost.why,
    'the client counted 120 attempts, 5 more than the servers (first attempts 100 and 95 there, ' +
      'later ones 20 and 20); likely because b1 died and its last counts with it, 4 attempts ' +
      'hit the deadline or were cancelled, some before they left, 2 attempts ended ' +
      'UNAVAILABLE, some on lost connections, the client never saw 7 attempts end, the run is ' +
      'not complete',
  );
  const more = agreeOnAttempts({ ...base, received: { '0': 121 } });
  assert.match(more.why ?? '', /^the servers counted 121 attempts, 1 more than the client/);
  assert.match(more.why ?? '', /nothing in the record says why$/);
});

test('attempts: unknown where a server died by plan with what it had not reported', () => {
  const attempts = { first: 100, retries: 0, transparent: 0, hedges: 0, byCode: {} };
  const crashed = { atMs: 1, kind: 'process.crashed', detail: 'backend b1 was killed' } as const;
  const base = {
    attempts,
    received: { '0': 93 },
    events: [
      { ...crashed, subject: 'b1' },
      { ...crashed, subject: 'b1' },
    ],
    complete: true,
  };
  assert.deepEqual(agreeOnAttempts(base), {
    client: 100,
    server: 93,
    serverByPreviousAttempts: { '0': 93 },
    why:
      "whether client and servers agree is unknown: 7 attempts of 100 are in no server's count, " +
      'and b1 died by plan with what it had not reported',
  });
  const one = agreeOnAttempts({ ...base, received: { '0': 99 } });
  assert.match(one.why ?? '', /: 1 attempt of 100 is in no server's count/);
  assert.equal(agreeOnAttempts({ ...base, received: { '0': 100 } }).agree, true);
  // What servers have too much, no server has lost.
  assert.equal(agreeOnAttempts({ ...base, received: { '0': 101 } }).agree, false);
  assert.equal(agreeOnAttempts({ ...base, events: [] }).agree, false);
});
