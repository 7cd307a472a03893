/** How evenly attempts were spread. */
import type { Fairness } from '../metrics/summary.js';

/**
 * Jain's index J = (Σx)² / (n·Σx²) and the largest x over the mean.
 * @param attempts one number per backend of the variant, 0 for an idle one.
 * @returns undefined for fewer than two backends, or when there was nothing to spread.
 */
export function fairnessOf(attempts: readonly number[]): Fairness | undefined {
  const sum = attempts.reduce((total, x) => total + x, 0);
  if (attempts.length < 2 || sum === 0) return undefined;
  const squares = attempts.reduce((total, x) => total + x * x, 0);
  return {
    jain: (sum * sum) / (attempts.length * squares),
    maxOverMean: Math.max(...attempts) / (sum / attempts.length),
  };
}
