/**
 * Distributions of a time: how long a service takes, how long a fault delays.
 *
 * A draw is a pure function of a unit number, so the same numbered call takes the same time in every
 * variant of a scenario (common random numbers: the difference between two variants is then the
 * policy's, not the draw's).
 */
import { z } from 'zod';
import { unreachable } from './errors.js';
import { oneKey } from './one-key.js';
import { duration, positiveDuration, share } from './units.js';

/** A distribution over nanoseconds, as it stands in a plan. */
export type Distribution =
  | { readonly kind: 'fixed'; readonly ns: number }
  | { readonly kind: 'exponential'; readonly meanNs: number }
  | { readonly kind: 'lognormal'; readonly medianNs: number; readonly p99Ns: number }
  | {
      readonly kind: 'bimodal';
      readonly fastNs: number;
      readonly slowNs: number;
      readonly slowShare: number;
    };

/**
 * `5ms` · `{ fixed: 5ms }` · `{ exponential: 5ms }` (the mean) ·
 * `{ lognormal: { median: 5ms, p99: 40ms } }` · `{ bimodal: { fast: 5ms, slow: 100ms, slowShare: 1% } }`
 */
export const distribution = () =>
  z
    .any()
    .transform((value: unknown) =>
      typeof value === 'object' && value !== null ? value : { fixed: value },
    )
    .pipe(
      oneKey('a distribution', {
        fixed: duration(),
        exponential: positiveDuration(),
        lognormal: z
          .strictObject({ median: positiveDuration(), p99: positiveDuration() })
          .refine(({ median, p99 }) => !(p99 <= median), {
            message: 'p99 must be above the median',
            path: ['p99'],
          }),
        bimodal: z
          .strictObject({ fast: duration(), slow: positiveDuration(), slowShare: share() })
          .refine(({ fast, slow }) => !(slow <= fast), {
            message: 'slow must be above fast',
            path: ['slow'],
          }),
      }),
    )
    .transform((entry): Distribution => {
      switch (entry.kind) {
        case 'fixed':
          return { kind: 'fixed', ns: entry.options };
        case 'exponential':
          return { kind: 'exponential', meanNs: entry.options };
        case 'lognormal':
          return {
            kind: 'lognormal',
            medianNs: entry.options.median,
            p99Ns: entry.options.p99,
          };
        case 'bimodal':
          return {
            kind: 'bimodal',
            fastNs: entry.options.fast,
            slowNs: entry.options.slow,
            slowShare: entry.options.slowShare,
          };
        default:
          return unreachable(entry);
      }
    });

/** The standard normal's 99th percentile. */
const Z99 = 2.3263478740408408;

/**
 * One draw, in whole nanoseconds.
 * @param unit uniform in [0, 1): the draw is the distribution's quantile at `unit` (for lognormal
 *   and bimodal, of an equivalent transform), so equal units give equal times.
 */
export function drawNs(distribution: Distribution, unit: number): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.ns;
    case 'exponential':
      return Math.round(-Math.log1p(-unit) * distribution.meanNs);
    case 'lognormal': {
      const sigma = Math.log(distribution.p99Ns / distribution.medianNs) / Z99;
      return Math.round(distribution.medianNs * Math.exp(sigma * normalQuantile(unit)));
    }
    case 'bimodal':
      return unit < 1 - distribution.slowShare ? distribution.fastNs : distribution.slowNs;
    default:
      return unreachable(distribution);
  }
}

/** The distribution's mean, in nanoseconds: what a capacity in calls per second follows from. */
export function meanNs(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.ns;
    case 'exponential':
      return distribution.meanNs;
    case 'lognormal': {
      const sigma = Math.log(distribution.p99Ns / distribution.medianNs) / Z99;
      return distribution.medianNs * Math.exp(sigma ** 2 / 2);
    }
    case 'bimodal':
      return (
        distribution.fastNs * (1 - distribution.slowShare) +
        distribution.slowNs * distribution.slowShare
      );
    default:
      return unreachable(distribution);
  }
}

/**
 * The standard normal quantile at `p`, by bisection-free rational approximation (P. J. Acklam,
 * relative error below 1.15e-9). Ends are clamped to ±8.2 standard deviations.
 */
export function normalQuantile(p: number): number {
  const q = Math.min(Math.max(p, 1e-16), 1 - 1e-16);
  const a = [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
    -3.066479806614716e1, 2.506628277459239,
  ];
  const b = [
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
    -1.328068155288572e1,
  ];
  const c = [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
    4.374664141464968, 2.938163982698783,
  ];
  const d = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
  const polynomial = (coefficients: readonly number[], x: number) =>
    coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
  const tail = 0.02425;
  if (q < tail || q > 1 - tail) {
    const lower = q < tail;
    const r = Math.sqrt(-2 * Math.log(lower ? q : 1 - q));
    const x = polynomial(c, r) / polynomial([...d, 1], r);
    return lower ? x : -x;
  }
  const r = (q - 0.5) ** 2;
  return ((q - 0.5) * polynomial(a, r)) / polynomial([...b, 1], r);
}
