/** What checks say of phases: how one is named, and how to answer when one tells nothing. */
import { formatMs } from '../metrics/figures.js';
import type { PhaseSummary } from '../metrics/summary.js';
import type { Judgement } from './check.js';

/** `storm (10 s to 20 s)`. */
export function nameWithTimes({ name, fromMs, toMs }: PhaseSummary): string {
  return `${name} (${formatMs(fromMs)} to ${formatMs(toMs)})`;
}

/** Inconclusive, with why, and what would decide it, in one sentence. */
export function undecided(expected: string, unit: string, why: string): Judgement {
  return { verdict: 'inconclusive', expected, unit, why };
}

/** Why a phase that the plan has is not among the findings. */
export function notReached(phase: string): string {
  return `the run stopped before ${phase} began; a run to its end would decide it`;
}

/** `b0`, `b0 and b1`, `b0, b1 and b2`. */
export function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
