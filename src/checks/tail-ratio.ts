/**
 * One percentile over another, with how far the true ratio may be.
 *
 * Each percentile has its own interval from order statistics, which holds with 97.5 %; both hold together
 * with 95 % (Bonferroni), and then the ratio lies between the least over the most and the most over the
 * least.
 */
import type { Interval } from '../metrics/exact-interval.js';
import { estimatePercentile, type PercentileEstimate } from '../metrics/percentile-estimate.js';
import type { DurationsWanted, Evidence } from './evidence.js';

const LEVEL_EACH = 0.975;
const LEVEL_BOTH = 0.95;

export interface TailRatio {
  readonly of: PercentileEstimate;
  readonly against: PercentileEstimate;
  readonly ratio: number;
  readonly interval: Interval;
}

/** @returns undefined where either has no values. */
export function tailRatio(
  evidence: Evidence,
  percent: number,
  of: DurationsWanted,
  against: DurationsWanted,
): TailRatio | undefined {
  const estimate = (wanted: DurationsWanted) =>
    estimatePercentile(evidence.durations(wanted), percent, LEVEL_EACH);
  const [over, under] = [estimate(of), estimate(against)];
  if (over === undefined || under === undefined || under.us === 0) return undefined;
  const low = quotient(over.lowUs, under.highUs);
  const high = quotient(over.highUs, under.lowUs);
  return {
    of: over,
    against: under,
    ratio: over.us / under.us,
    interval: {
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
      level: LEVEL_BOTH,
    },
  };
}

function quotient(over: number | undefined, under: number | undefined): number | undefined {
  return over === undefined || under === undefined || under === 0 ? undefined : over / under;
}
