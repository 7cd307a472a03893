/**
 * The checks that compare one figure of a phase with bounds: verdicts, sentences, and what happens
 * when nothing was measured.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCallCount, aPhase, someFindings } from '../../test/support/findings.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { fairness } from './fairness.js';
import { goodput } from './goodput.js';
import { checkSchema, checks } from './index.js';
import { retryAmplification } from './retry-amplification.js';
import { successRate } from './success-rate.js';

const storm = (offered: number, good: number, more: Partial<PhaseSummary> = {}) =>
  someFindings({ phases: [aPhase('storm', [10_000, 20_000], { offered, good }, more)] });

test('retry-amplification: 7,500 attempts for 4,000 calls are 1.875', () => {
  const attempts = {
    total: 7500,
    first: 4000,
    retries: 3400,
    transparent: 1,
    hedges: 99,
    amplification: 1.875,
    byCode: {},
  };
  const judge = (options: { atMost?: number; atLeast?: number }) =>
    retryAmplification.judge({ phase: 'storm', ...options }, storm(4000, 4000, { attempts }));
  assert.deepEqual(judge({ atMost: 2 }), {
    verdict: 'pass',
    value: 1.875,
    expected: '<= 2',
    unit: 'attempts/call',
    why:
      '4,000 calls started in storm (10 s to 20 s) made 7,500 attempts, 1.875 per call: ' +
      '3,400 retries, 1 transparent retry, 99 hedges',
  });
  // The ends belong to the bounds.
  assert.equal(judge({ atMost: 1.875 }).verdict, 'pass');
  assert.equal(judge({ atMost: 1.8 }).verdict, 'fail');
  assert.equal(judge({ atLeast: 1.5, atMost: 2 }).expected, '>= 1.5 and <= 2');
  assert.equal(judge({ atLeast: 1.9 }).verdict, 'fail');
});

test('goodput: a rate per second of the phase, or a share of what was offered', () => {
  // 3,000 good in 10 s: 300/s, and 75 % of 4,000.
  const judge = (atLeast: { perSecond: number } | { share: number }) =>
    goodput.judge({ phase: 'storm', atLeast }, storm(4000, 3000));
  assert.equal(judge({ perSecond: 300 }).verdict, 'pass');
  assert.equal(judge({ perSecond: 301 }).verdict, 'fail');
  assert.equal(judge({ share: 0.75 }).verdict, 'pass');
  const { interval: ofShare, ...judged } = judge({ share: 0.8 });
  // About 1.96 · √(0.75 · 0.25 / 4000) = 0.0134 to either side; a second has 400 calls.
  const { interval: ofRate } = judge({ perSecond: 300 });
  for (const [interval, perShare] of [[ofShare, 1] as const, [ofRate, 400] as const]) {
    const { low = Number.NaN, high = Number.NaN } = interval ?? {};
    assert.ok(Math.abs(low / perShare - 0.7366) < 0.0005, `from ${low}`);
    assert.ok(Math.abs(high / perShare - 0.7634) < 0.0005, `to ${high}`);
  }
  assert.deepEqual(judged, {
    verdict: 'fail',
    value: 0.75,
    expected: '>= 80 %',
    unit: 'share',
    why:
      '3,000 of 4,000 calls due in storm (10 s to 20 s) ended OK and in time: ' +
      '300/s, 75 % of what was offered',
  });
});

test('success-rate: calls that their load cancels on purpose are no failures', () => {
  const calls = aCallCount({
    offered: 100,
    completed: 100,
    cancelledOnPurpose: 60,
    byCode: { OK: 30, CANCELLED: 70 },
  });
  const judged = successRate.judge({ phase: 'storm', atLeast: 0.9 }, storm(1, 1, { calls }));
  assert.deepEqual([judged.verdict, judged.value], ['pass', 0.9]);
  assert.match(judged.why, /30 of 100 .* ended OK, 60 were cancelled on purpose \(90 %\); 10 CANC/);
});

test('success-rate: missed and abandoned calls did not end OK', () => {
  const calls = aCallCount({
    offered: 1000,
    started: 980,
    completed: 970,
    missed: 20,
    abandoned: 10,
    byCode: { OK: 900, UNAVAILABLE: 65, DEADLINE_EXCEEDED: 5 },
  });
  const all = successRate.judge({ phase: 'storm', atLeast: 0.95 }, storm(1, 1, { calls }));
  const { interval, ...judged } = all;
  // 900 of 1,000 by Clopper and Pearson.
  assert.ok(Math.abs((interval?.low ?? 0) - 0.8797) < 5e-5, `${interval?.low}`);
  assert.ok(Math.abs((interval?.high ?? 0) - 0.9179) < 5e-5, `${interval?.high}`);
  assert.deepEqual(judged, {
    verdict: 'fail',
    value: 0.9,
    expected: '>= 95 %',
    unit: 'share',
    why:
      '900 of 1,000 calls due in storm (10 s to 20 s) ended OK (90 %); ' +
      '65 UNAVAILABLE, 20 missed, 10 still open at the end',
  });
  const atMost = successRate.judge({ phase: 'storm', atMost: 0.9 }, storm(1, 1, { calls }));
  assert.equal(atMost.verdict, 'pass');
});

test('fairness: 3,812 of 4,000 on one backend', () => {
  const backends = [98, 3812, 90].map((attempts, index) => {
    const name = `b${index}`;
    return { name, address: `127.0.0.1:${index}`, attempts, share: attempts / 4000, byCode: {} };
  });
  const { attempts } = aPhase('storm', [0, 1], { offered: 4000 });
  const findings = storm(4000, 4000, {
    attempts,
    backends,
    fairness: { jain: 0.3668, maxOverMean: 2.859 },
  });
  const judged = fairness.judge({ phase: 'storm', jainAtLeast: 0.9 }, findings);
  assert.deepEqual(judged, {
    verdict: 'fail',
    value: 0.3668,
    expected: 'jain >= 0.9',
    unit: 'jain',
    why:
      'b1 took 3,812 of 4,000 attempts (95.3 %) and b2 the fewest, 90 (2.3 %), in storm ' +
      "(10 s to 20 s): Jain's index 0.367, the busiest at 2.859 times the mean",
  });
  const loose = { phase: 'storm', maxOverMeanAtMost: 2.859 };
  assert.equal(fairness.judge(loose, findings).verdict, 'pass');
  assert.equal(fairness.judge(loose, findings).value, 2.859);
  // Both bounds must hold.
  assert.equal(fairness.judge({ ...loose, jainAtLeast: 0.9 }, findings).verdict, 'fail');
  const uneven = fairness.judge({ phase: 'storm', jainAtMost: 0.4 }, findings);
  assert.deepEqual(
    [uneven.verdict, uneven.value, uneven.expected],
    ['pass', 0.3668, 'jain <= 0.4'],
  );
});

test('fairness over windows: the least even one counts, and without any nothing is decided', () => {
  const backends = ['b0', 'b1'].map((name) => ({
    ...{ name, address: name, attempts: 500, share: 0.5, byCode: {} },
  }));
  const windows = { count: 5, jainMin: 0.8, jainMedian: 0.99, maxOverMeanMax: 1.5 };
  const even = { jain: 1, maxOverMean: 1 };
  const found = (fair: PhaseSummary['fairness']) =>
    storm(1000, 1000, { backends, ...(fair && { fairness: fair }) });
  const options = { phase: 'storm', jainAtLeast: 0.9 } as const;
  const whole = fairness.judge(options, found({ ...even, windows }));
  assert.equal(whole.verdict, 'pass');
  assert.match(whole.why, /over 5 intervals the index was 0.99 in the median and 0.8 at the least/);
  const worst = fairness.judge({ ...options, over: 'worst-window' }, found({ ...even, windows }));
  assert.deepEqual([worst.verdict, worst.value], ['fail', 0.8]);
  const few = fairness.judge({ ...options, over: 'worst-window' }, found(even));
  assert.equal(few.verdict, 'inconclusive');
  assert.match(few.why, /more load or a longer interval would decide it/);
});

test('nothing measured is inconclusive, without a value, and says what would decide it', () => {
  const options = { phase: 'storm', atLeast: 0.5, jainAtLeast: 0.5 };
  const judges = [
    retryAmplification.judge(options, storm(0, 0)),
    goodput.judge({ phase: 'storm', atLeast: { share: 0.5 } }, storm(0, 0)),
    successRate.judge(options, storm(0, 0)),
    fairness.judge(options, storm(0, 0)),
    ...[retryAmplification, successRate, fairness].map((kind) =>
      kind.judge(options, someFindings()),
    ),
  ];
  for (const judged of judges) {
    assert.equal(judged.verdict, 'inconclusive');
    assert.ok(!('value' in judged));
    assert.match(judged.why, /would decide it$/);
  }
});

test('the schema asks for a bound, and for bounds that can be met', () => {
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ 'retry-amplification': { phase: 'a' } }, /atMost or atLeast is needed/],
    [{ 'retry-amplification': { phase: 'a', atLeast: 3, atMost: 2 } }, /atLeast is above atMost/],
    [{ 'success-rate': { phase: 'a' } }, /atLeast or atMost is needed/],
    [{ 'success-rate': { phase: 'a', atLeast: 0.5 } }, /a share needs a unit/],
    [{ fairness: { phase: 'a' } }, /jainAtLeast, jainAtMost or maxOverMeanAtMost is needed/],
    [{ fairness: { phase: 'a', jainAtMost: 0.5, over: 'worst-window' } }, /is about a phase/],
    [{ goodput: { phase: 'a', atLeast: '300' } }, /a rate or a share/],
    [{ goodput: { phase: 'a', atLeast: '0/s' } }, /a rate or a share/],
    [{ goodput: { phase: 'a' } }, /a rate or a share/],
    [{ 'recovery-time': { after: 'a' } }, /expected a duration/],
  ];
  for (const [check, message] of refused) {
    const parsed = checkSchema.safeParse(check);
    assert.ok(!parsed.success, JSON.stringify(check));
    assert.match(parsed.error.issues.map((issue) => issue.message).join('\n'), message);
  }
  assert.deepEqual(checkSchema.parse({ goodput: { phase: 'a', atLeast: '30/min' } }), {
    kind: 'goodput',
    options: { phase: 'a', atLeast: { perSecond: 0.5 } },
  });
  assert.deepEqual(checkSchema.parse({ 'recovery-time': { after: 'a', atMost: '5s' } }), {
    kind: 'recovery-time',
    options: { after: 'a', atMost: 5e9, tolerance: 0.05, latencyFactor: 2 },
  });
});

test('every kind stands under its own name', () => {
  for (const [name, { kind }] of Object.entries(checks)) assert.equal(name, kind);
});
