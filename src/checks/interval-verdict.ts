/**
 * Verdicts of values that were sampled: a bound is kept, or missed, when the whole interval says so, and
 * when the bound lies within it more calls would have to decide.
 */
import type { Interval } from '../metrics/exact-interval.js';
import { formatShare } from '../metrics/figures.js';
import type { Verdict } from '../metrics/summary.js';
import type { Bounds } from './bounds.js';

/** An open end reaches as far as it can. */
export function verdictOf({ low, high }: Interval, { atLeast, atMost }: Bounds): Verdict {
  const least = low ?? Number.NEGATIVE_INFINITY;
  const most = high ?? Number.POSITIVE_INFINITY;
  if (atLeast !== undefined && most < atLeast) return 'fail';
  if (atMost !== undefined && least > atMost) return 'fail';
  const keepsLeast = atLeast === undefined || least >= atLeast;
  const keepsMost = atMost === undefined || most <= atMost;
  return keepsLeast && keepsMost ? 'pass' : 'inconclusive';
}

/**
 * The same of a share. A bound of 0 or 100 % is a claim about these very calls, not about others like
 * them: no sample could ever prove it, one call can refute it.
 */
export function verdictOfShare(value: number, interval: Interval, bounds: Bounds): Verdict {
  const isAbsolute = (bound: number | undefined) => bound === 0 || bound === 1;
  const of = (one: Bounds, bound: number | undefined): Verdict =>
    verdictOf(isAbsolute(bound) ? { low: value, high: value, level: 1 } : interval, one);
  const verdicts = [
    of({ atLeast: bounds.atLeast }, bounds.atLeast),
    of({ atMost: bounds.atMost }, bounds.atMost),
  ];
  return worstOf(verdicts);
}

/** A fail is certain whatever else is not. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'pass';
}

/** `95 % interval 1.2 to 1.9`; an open end says so. */
export function describeInterval(
  { low, high, level }: Interval,
  format: (value: number) => string,
): string {
  const from = low === undefined ? 'anything' : format(low);
  return `${formatShare(level)} interval ${from} to ${high === undefined ? 'anything' : format(high)}`;
}
