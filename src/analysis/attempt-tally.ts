/** Attempts on one backend in one phase, added up over loads. */
import type { StatusCounts } from '../base/status.js';
import { type MergedDurations, mergedDurations } from '../metrics/merged-durations.js';
import type { AttemptCell } from '../metrics/record.js';
import type { AttemptCounts, CallCounts } from '../metrics/summary.js';
import { sumStatusCounts } from './status-counts.js';

/** Attempts by sort. */
export interface AttemptSorts {
  readonly first: number;
  readonly retries: number;
  readonly transparent: number;
  readonly hedges: number;
  readonly byCode: StatusCounts;
}

export interface AttemptTally {
  counts: AttemptSorts;
  readonly latency: MergedDurations;
}

export function emptyAttemptTally(): AttemptTally {
  return {
    counts: { first: 0, retries: 0, transparent: 0, hedges: 0, byCode: {} },
    latency: mergedDurations(),
  };
}

/** Adds a cell to a tally. */
export function addAttemptCell(tally: AttemptTally, cell: AttemptCell): void {
  tally.counts = sumAttempts([tally.counts, cell]);
  tally.latency.add(cell.latency);
}

export function sumAttempts(all: readonly AttemptSorts[]): AttemptSorts {
  const sum = (of: (one: AttemptSorts) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    first: sum(({ first }) => first),
    retries: sum(({ retries }) => retries),
    transparent: sum(({ transparent }) => transparent),
    hedges: sum(({ hedges }) => hedges),
    byCode: sumStatusCounts(all.map(({ byCode }) => byCode)),
  };
}

/** How many attempts of any sort. */
export function totalAttempts({ first, retries, transparent, hedges }: AttemptSorts): number {
  return first + retries + transparent + hedges;
}

/** @param calls in the same phase. */
export function attemptCounts(
  sorts: AttemptSorts,
  { started, good }: Pick<CallCounts, 'started' | 'good'>,
): AttemptCounts {
  const total = totalAttempts(sorts);
  return {
    total,
    first: sorts.first,
    retries: sorts.retries,
    transparent: sorts.transparent,
    hedges: sorts.hedges,
    ...(started === 0 ? {} : { amplification: total / started }),
    ...(total === 0 ? {} : { efficiency: good / total }),
    byCode: sorts.byCode,
  };
}
