/**
 * What a histogram says of a percentile, or of the values above a limit, together with how sure that is.
 *
 * The interval takes values for independent. Latencies of a queue are not quite (a slow call's
 * neighbours are slow as well), so it is the least uncertainty there is.
 */
import { LEVEL, rankInterval } from './exact-interval.js';
import type { EncodedHistogram } from './histogram.js';
import { readMerged } from './merged-durations.js';

/** A percentile in µs and the values that hold the true one between them; an absent end is open. */
export interface PercentileEstimate {
  readonly us: number;
  readonly lowUs?: number;
  readonly highUs?: number;
  /** Of how many values. */
  readonly count: number;
}

const US = 1e-3;

/**
 * @param percent above 0 and below 100.
 * @returns undefined of no values.
 */
export function estimatePercentile(
  encoded: EncodedHistogram | undefined,
  percent: number,
  level = LEVEL,
): PercentileEstimate | undefined {
  if (encoded === undefined) return undefined;
  return readMerged([encoded], (histogram) => {
    const { count } = histogram;
    if (count === 0) return undefined;
    const { low, high } = rankInterval(count, percent / 100, level);
    const atRank = (rank: number) => histogram.percentileNs((100 * rank) / count) * US;
    return {
      us: histogram.percentileNs(percent) * US,
      ...(low === undefined ? {} : { lowUs: atRank(low) }),
      ...(high === undefined ? {} : { highUs: atRank(high) }),
      count,
    };
  });
}

/** How many values lie above so many ns, to the histogram's three digits. */
export function countAbove(encoded: EncodedHistogram | undefined, ns: number): number {
  if (encoded === undefined) return 0;
  return readMerged([encoded], (histogram) => {
    const { count } = histogram;
    let [from, to] = [0, count];
    while (from < to) {
      const rank = Math.ceil((from + to) / 2);
      // A bucket's value is its upper end: what lies in the limit's own bucket counts as within.
      const isWithin = histogram.percentileNs((100 * rank) / count) <= ns * BUCKET;
      if (isWithin) from = rank;
      else to = rank - 1;
    }
    return count - from;
  });
}

/** Buckets are no wider than a thousandth of their values. */
const BUCKET = 1.001;
