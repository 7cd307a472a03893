/**
 * The pure parts of the truths about client policies: formulas beside figures that others computed, and
 * models beside examples by hand and beside theory.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { balancedPath } from './balancer-model.js';
import { drawCalls } from './drawn-calls.js';
import * as formulas from './formulas.js';
import { chiSquareQuantile, meanOf } from './interval.js';
import { ejectedOf } from './outliers.js';
import { retriesUntilDry } from './throttle.js';
import { playTimeouts } from './timeout-model.js';
import { shorterOfTwoExact } from './two-choices-chain.js';

const near = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual}, not ${expected}`);

test('formulas give the figures that are known', () => {
  assert.equal(formulas.attemptsPerCall(0.5, 4), 1.875);
  assert.equal(formulas.attemptsPerCall(1, 4), 4);
  assert.equal(formulas.succeedingShare(0.5, 4), 0.9375);
  near(formulas.throttleKnee(0.1), 0.0909, 1e-3);
  assert.equal(formulas.budgetedAttempts(100, 0.2, 10), 1.3);
  assert.equal(formulas.openBudgetAttempts(0.2), 1.25);
  near(formulas.shorterOfTwoMean(1, 0.8), 1.947, 1e-3);
  near(formulas.dealtAtRandomCv(10, 10_000), 0.03, 1e-9);
  near(formulas.deviationsBelow(5, 2), 1.2247, 1e-4);
  near(formulas.unseenFromShare(1.9), 0.2169, 1e-3);
  near(formulas.failurePercentageDelay(10, 0.85), 13.5, 1e-9);
});

test('quantiles of chi square are those of tables, within what is said of them', () => {
  // 97.5 % and 99.5 % with 9 degrees of freedom, and 2.5 %.
  near(chiSquareQuantile(9, 1.959964), 19.023, 2e-3);
  near(chiSquareQuantile(9, 2.575829), 23.589, 5e-3);
  near(chiSquareQuantile(9, -1.959964), 2.7, 1e-2);
});

test('of ten tokens each number of attempts leaves its number of retries', () => {
  // Failures 1 to 4 leave more than half; those that were a call's last attempt are not retried.
  assert.deepEqual(
    [2, 3, 4, 5].map((attempts) => retriesUntilDry(10, attempts)),
    [2, 3, 3, 4],
  );
  assert.equal(retriesUntilDry(1, 5), 0);
});

test('success-rate ejection sees less than 21.7 % of bad ones, whatever the severity', () => {
  const seen = (backends: number, bad: number) =>
    ejectedOf({ backends, bad, failing: 0.3, cap: 100 }) > 0;
  for (let backends = 5; backends <= 40; backends++) {
    for (let bad = 1; bad < backends; bad++) {
      assert.equal(seen(backends, bad), bad / backends < formulas.unseenFromShare(1.9));
    }
  }
  assert.equal(ejectedOf({ backends: 10, bad: 2, failing: 1, cap: 10 }), 1);
  assert.equal(ejectedOf({ backends: 10, bad: 2, failing: 1, cap: 11 }), 2);
});

describe('the shorter of two queues', () => {
  test('of one is M/M/1, of two lies between one line for both and two at random', () => {
    near(shorterOfTwoExact(1, 0.5, 1, 40), formulas.mm1Mean(1, 0.5), 1e-4);
    const ofTwo = shorterOfTwoExact(1, 0.8, 2, 40);
    const oneLine = 1 + formulas.mmcWait(1, 2, 1.6);
    assert.ok(oneLine < ofTwo && ofTwo < formulas.mm1Mean(1, 0.8), String(ofTwo));
  });

  test('of more and more comes down to the limit', () => {
    const [two = 0, four = 0, six = 0] = [2, 4, 6].map((backends) =>
      shorterOfTwoExact(1, 0.6, backends, 6),
    );
    assert.ok(two > four && four > six && six > formulas.shorterOfTwoMean(1, 0.6));
  });
});

describe('models', () => {
  const load = (ratePerSecond: number, meanMs: number, seconds: number) =>
    ({
      seed: 5,
      name: 'say',
      arrivals: { kind: 'poisson', options: ratePerSecond },
      serviceTime: { kind: 'exponential', meanNs: meanMs * 1e6 },
      durationNs: seconds * 1e9,
    }) as const;

  test('two choices see what is in flight, and keep calls from each other', () => {
    // Four at once, and nothing ends: each goes where fewer are, so none gets a third.
    const calls = {
      dueNs: Float64Array.of(0, 1, 2, 3),
      serviceNs: new Float64Array(4).fill(1_000),
    };
    for (let seed = 0; seed < 20; seed++) {
      const counts = balancedPath(calls, 'p2c', { backends: 2, seed }).callsOf(0);
      assert.deepEqual(counts, [2, 2]);
    }
    const drawn = drawCalls(load(320, 20, 200));
    const mean = (policy: 'random' | 'p2c') =>
      meanOf(balancedPath(drawn, policy, { backends: 8, seed: 5 }).sojournNs) / 20e6;
    near(mean('random'), formulas.mm1Mean(1, 0.8), 0.1);
    near(mean('p2c'), 2.11, 0.05);
  });

  test('late calls tried again: a trigger passes below the boundary and sticks above it', () => {
    const shape = { slots: 2, timeoutNs: 250e6, attempts: 3, backoffNs: 1e6 };
    const pause = { fromNs: 10e9, toNs: 12e9 };
    /** Share of calls in time, over the last ten seconds of 120, at a multiple of C/n. */
    const inTime = (multiple: number, triggered: boolean) => {
      const played = playTimeouts(load((200 / 3) * multiple, 10, 120), {
        ...shape,
        ...(triggered ? { pause } : {}),
      });
      return meanOf(played.good.filter((_, index) => (played.dueNs[index] ?? 0) > 110e9));
    };
    assert.equal(inTime(0.9, true), 1);
    assert.equal(inTime(1.15, true), 0);
    assert.equal(inTime(1.15, false), 1);
  });
});
