/**
 * How sure a figure is. One level for every interval of the table, wide enough that a correct harness
 * fails the whole table less than about once in a hundred runs (Bonferroni: the chances of single
 * misses add up to no more than that).
 */
import { normalQuantile } from '../../src/base/distribution.js';

/** The chance that any interval of the table misses by accident. */
const TABLE_MISS = 0.01;
/** The table has fewer rows in whose figures chance has a part; counts that are exact have none. */
const ROWS_MAX = 100;

/** Each interval covers with this probability: 99.99 %. */
export const LEVEL = 1 - TABLE_MISS / ROWS_MAX;

/** Half the width of an interval in standard errors, where these are known: 3.89. */
export const Z = normalQuantile(1 - (1 - LEVEL) / 2);

/**
 * The same where the standard error is estimated from `freedom + 1` values: Student's t, by the
 * expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5). Off by less than 0.2 % from 30 on.
 */
export function studentQuantile(freedom: number, z = Z): number {
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3;
}

/**
 * The value that a sum of squares of so many normal values stays below with the probability of `z`, by the
 * approximation of Wilson and Hilferty (1931). At 99.995 % off by less than 1 %, at 0.005 % it is too
 * small, by up to 15 % with 9 degrees of freedom: intervals made of it are a little too wide.
 */
export function chiSquareQuantile(freedom: number, z: number): number {
  const step = 2 / (9 * freedom);
  return freedom * Math.max(0, 1 - step + z * Math.sqrt(step)) ** 3;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Interval of a share (Wilson 1927): unlike the normal one, it holds for few hits and small shares.
 */
export function wilson(hits: number, of: number): Interval {
  const share = hits / of;
  const middle = (share + Z ** 2 / (2 * of)) / (1 + Z ** 2 / of);
  const half =
    (Z / (1 + Z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + (Z / (2 * of)) ** 2);
  return { low: middle - half, high: middle + half };
}

/**
 * Mean and interval of a series whose neighbours depend on each other, as the waits in a queue do, by
 * batch means: batches much longer than the dependence are independent. `batches` ≥ 30.
 */
export function batchMeans(values: ArrayLike<number>, batches = 40): Interval & { mean: number } {
  const size = Math.floor(values.length / batches);
  const means = Array.from({ length: batches }, (_, batch) => {
    let sum = 0;
    for (let i = batch * size; i < (batch + 1) * size; i++) sum += values[i] ?? 0;
    return sum / size;
  });
  const mean = meanOf(means);
  const half = (studentQuantile(batches - 1) * deviationOf(means)) / Math.sqrt(batches);
  return { mean, low: mean - half, high: mean + half };
}

export function meanOf(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += value;
    count++;
  }
  return sum / count;
}

/** Standard deviation of a sample. */
export function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** The value at or below which this share of the values lie. */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const index = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
