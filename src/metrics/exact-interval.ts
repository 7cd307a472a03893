/**
 * Intervals that are exact for counts: how far a share that was counted may be from the true one, and
 * which ranks of a sample hold a percentile between them.
 *
 * Both come from the binomial distribution, whose sums are the regularised incomplete beta function
 * I_x(a, b) (NIST DLMF 8.17.5): no normal approximation, so they hold for few calls and for shares
 * near 0 and 1, which are what a check asks for most.
 */

/** A range that holds the true value with probability `level` or more; an absent end is open. */
export interface Interval {
  readonly low?: number;
  readonly high?: number;
  /** From 0 to 1. */
  readonly level: number;
}

export const LEVEL = 0.95;

/** Relative precision of I_x(a, b). */
const PRECISION = 1e-13;
const TINY = 1e-300;
const TERMS_MAX = 10_000;
/** Halvings of [0, 1]: more than a double has digits. */
const HALVINGS = 60;

/**
 * The interval of Clopper and Pearson (Biometrika 26, 1934) for a share.
 * @param hits how many of `total` had it; 0 ≤ hits ≤ total.
 * @param total above 0.
 */
export function shareInterval(
  hits: number,
  total: number,
  level = LEVEL,
): Interval & { readonly low: number; readonly high: number } {
  const tail = (1 - level) / 2;
  const low = hits === 0 ? 0 : betaQuantile(tail, hits, total - hits + 1);
  const high = hits === total ? 1 : betaQuantile(1 - tail, hits + 1, total - hits);
  return { low, high, level };
}

/** Ranks of a sorted sample, from 1, that hold a quantile between them; an absent end is open. */
export interface RankInterval {
  readonly low?: number;
  readonly high?: number;
}

/**
 * Order statistics that hold a quantile between them with probability `level` or more, whatever the
 * distribution (David and Nagaraja, Order Statistics, 7.1). Of too small a sample an end is open: the
 * 99th percentile has an upper one from 368 values on.
 * @param quantile above 0 and below 1.
 */
export function rankInterval(count: number, quantile: number, level = LEVEL): RankInterval {
  const tail = (1 - level) / 2;
  // P(at most k of `count` values lie below the quantile) grows with k.
  const cdf = (k: number) => binomialCdf(k, count, quantile);
  const low = firstWhere(count, (k) => cdf(k) > tail);
  const high = firstWhere(count, (k) => cdf(k) >= 1 - tail) + 1;
  return { ...(low < 1 ? {} : { low }), ...(high > count ? {} : { high }) };
}

/** P(X ≤ k) of a binomial X. */
export function binomialCdf(k: number, count: number, share: number): number {
  if (k < 0) return 0;
  if (k >= count) return 1;
  return regularisedBeta(1 - share, count - k, k + 1);
}

/** The smallest of 0 … count for which it holds; it holds from there on, at `count` for certain. */
function firstWhere(count: number, holds: (k: number) => boolean): number {
  let [from, to] = [0, count];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The x at which I_x(a, b) is `probability`, by halving. */
function betaQuantile(probability: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (regularisedBeta(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** I_x(a, b) for a, b > 0. */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side only; on the other I_x(a, b) = 1 − I_(1−x)(b, a).
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a);
  const logFront =
    a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(logFront) / a) * betaFraction(x, a, b);
}

/** The continued fraction of DLMF 8.17.22, from its head on (modified Lentz). */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= TERMS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      step = c * d;
      fraction *= step;
    }
    if (Math.abs(step - 1) < PRECISION) return fraction;
  }
  throw new Error(`I_x(${a}, ${b}) did not converge at ${x}`);
}

/**
 * ln Γ(z) for z > 0: Stirling's series (DLMF 5.11.1), after going up to where five terms of it are exact
 * to a double's precision.
 */
function logGamma(z: number): number {
  let shift = 0;
  let at = z;
  while (at < 15) {
    shift += Math.log(at);
    at += 1;
  }
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series =
    inverse *
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
