/** Intervals of shares and percentiles, beside values that can be had by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binomialCdf, rankInterval, regularisedBeta, shareInterval } from './exact-interval.js';

const isNear = (value: number | undefined, expected: number, within = 1e-9) =>
  assert.ok(
    value !== undefined && Math.abs(value - expected) <= within,
    `${value}, not ${expected}`,
  );

test('the incomplete beta function where it is a polynomial', () => {
  // I_x(1, b) = 1 − (1−x)^b; I_x(a, 1) = x^a; I_x(2, 2) = 3x² − 2x³.
  isNear(regularisedBeta(0.3, 1, 5), 1 - 0.7 ** 5);
  isNear(regularisedBeta(0.9, 7, 1), 0.9 ** 7);
  isNear(regularisedBeta(0.25, 2, 2), 3 / 16 - 2 / 64);
  isNear(regularisedBeta(0.5, 40_000, 40_000), 0.5);
  // X ~ Bin(3, 1/2): 1, 3, 3, 1 of 8.
  assert.deepEqual(
    [-1, 0, 1, 2, 3].map((k) => Math.round(binomialCdf(k, 3, 0.5) * 8)),
    [0, 1, 4, 7, 8],
  );
});

test('Clopper-Pearson: none and all of n have closed forms, the others solve two sums', () => {
  // None of 10: low 0, high solves (1−p)^10 = 0.025.
  isNear(shareInterval(0, 10).high, 1 - 0.025 ** 0.1);
  assert.equal(shareInterval(0, 10).low, 0);
  isNear(shareInterval(10, 10).low, 0.025 ** 0.1);
  assert.equal(shareInterval(10, 10).high, 1);
  // 5 of 10: the ends at which five or more, and five or fewer, have probability 0.025.
  const { low, high } = shareInterval(5, 10);
  isNear(1 - binomialCdf(4, 10, low), 0.025);
  isNear(binomialCdf(5, 10, high), 0.025);
  isNear(low, 1 - high);
  // The textbook's 4 of 20: 5.73 % to 43.66 %.
  isNear(shareInterval(4, 20).low, 0.0573, 5e-5);
  isNear(shareInterval(4, 20).high, 0.4366, 5e-5);
});

test('ranks around a percentile cover it with the level asked for, and are the closest that do', () => {
  for (const [count, quantile] of [
    [100, 0.5],
    [1000, 0.99],
    [5000, 0.95],
    [10_000, 0.99],
  ] as const) {
    const { low = 0, high = 0 } = rankInterval(count, quantile);
    assert.ok(low > 0 && high > low, `${count} ${quantile}`);
    // P(x_(low) ≤ q < x_(high)) = P(low ≤ B ≤ high − 1).
    const below = binomialCdf(low - 1, count, quantile);
    const above = 1 - binomialCdf(high - 1, count, quantile);
    assert.ok(below <= 0.025 && above <= 0.025, `${below} ${above}`);
    assert.ok(binomialCdf(low, count, quantile) > 0.025);
    assert.ok(1 - binomialCdf(high - 2, count, quantile) > 0.025);
  }
  // The median of 100: ranks 40 and 61, as tables have it.
  assert.deepEqual(rankInterval(100, 0.5), { low: 40, high: 61 });
  // 0.99^n is above 0.025 up to n = 367: until then nothing bounds the 99th percentile from above.
  assert.equal(rankInterval(367, 0.99).high, undefined);
  assert.equal(rankInterval(368, 0.99).high, 368);
  assert.deepEqual(rankInterval(3, 0.5), {});
});
