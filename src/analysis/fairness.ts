/** How evenly attempts were spread. */
import { median } from '../base/median.js';
import type { Fairness, FairnessOverWindows } from '../metrics/summary.js';

/** Of fewer attempts a window's unevenness is mostly chance: J falls short of 1 by (n − 1)/(attempts + n − 1). */
const ATTEMPTS_PER_BACKEND_MIN = 10;

/**
 * Jain's index J = (Σx)² / (n·Σx²) and the largest x over the mean.
 * @param attempts one number per backend of the variant, 0 for an idle one.
 * @param windows the same of each interval.
 * @returns undefined for fewer than two backends, or when there was nothing to spread.
 */
export function fairnessOf(
  attempts: readonly number[],
  windows: readonly (readonly number[])[] = [],
): Fairness | undefined {
  if (attempts.length < 2 || sumOf(attempts) === 0) return undefined;
  const overWindows = fairnessOver(windows);
  return {
    ...evennessOf(attempts),
    ...(overWindows === undefined ? {} : { windows: overWindows }),
  };
}

function fairnessOver(windows: readonly (readonly number[])[]): FairnessOverWindows | undefined {
  const told = windows
    .filter((attempts) => sumOf(attempts) >= ATTEMPTS_PER_BACKEND_MIN * attempts.length)
    .map(evennessOf);
  if (told.length === 0) return undefined;
  const jains = told.map(({ jain }) => jain);
  return {
    count: told.length,
    jainMin: Math.min(...jains),
    jainMedian: median(jains),
    maxOverMeanMax: Math.max(...told.map(({ maxOverMean }) => maxOverMean)),
  };
}

const sumOf = (attempts: readonly number[]) => attempts.reduce((total, x) => total + x, 0);

/** @param attempts at least one, on two backends or more. */
function evennessOf(attempts: readonly number[]): { jain: number; maxOverMean: number } {
  const sum = sumOf(attempts);
  const squares = attempts.reduce((total, x) => total + x * x, 0);
  return {
    jain: (sum * sum) / (attempts.length * squares),
    maxOverMean: Math.max(...attempts) / (sum / attempts.length),
  };
}
