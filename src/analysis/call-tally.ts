/** Calls of one load in one phase, added up. */
import type { ClientSpec } from '../drivers/spec.js';
import { type MergedDurations, mergedDurations } from '../metrics/merged-durations.js';
import type { CallCell } from '../metrics/record.js';
import type { CallCounts } from '../metrics/summary.js';
import { sumStatusCounts } from './status-counts.js';

export interface CallTally {
  counts: CallCounts;
  readonly latency: MergedDurations;
  readonly serviceTime: MergedDurations;
  readonly lateness: MergedDurations;
  readonly overshoot: MergedDurations;
  /** Undefined of loads whose calls are long-lived, and in records that do not have it. */
  openNs: number | undefined;
}

/** The counts of no calls. */
export const NO_CALLS: CallCounts = {
  offered: 0,
  started: 0,
  completed: 0,
  good: 0,
  missed: 0,
  abandoned: 0,
  byCode: {},
};

export function emptyCallTally(): CallTally {
  return {
    counts: NO_CALLS,
    latency: mergedDurations(),
    serviceTime: mergedDurations(),
    lateness: mergedDurations(),
    overshoot: mergedDurations(),
    openNs: undefined,
  };
}

/** Adds a cell to a tally. */
export function addCallCell(tally: CallTally, cell: CallCell): void {
  tally.counts = sumCallCounts([tally.counts, cell]);
  tally.latency.add(cell.latency);
  tally.serviceTime.add(cell.serviceTime);
  tally.lateness.add(cell.lateness);
  tally.overshoot.add(cell.overshoot);
  if (cell.openNs !== undefined) tally.openNs = (tally.openNs ?? 0) + cell.openNs;
}

/** The sum of counts of calls. */
export function sumCallCounts(all: readonly CallCounts[]): CallCounts {
  const sum = (of: (counts: CallCounts) => number) =>
    all.reduce((total, one) => total + of(one), 0);
  const cancelledOnPurpose = sum((counts) => counts.cancelledOnPurpose ?? 0);
  const isQueueKnown = all.some(({ queued }) => queued !== undefined);
  return {
    offered: sum(({ offered }) => offered),
    started: sum(({ started }) => started),
    completed: sum(({ completed }) => completed),
    good: sum(({ good }) => good),
    missed: sum(({ missed }) => missed),
    abandoned: sum(({ abandoned }) => abandoned),
    ...(isQueueKnown && {
      queued: sum(({ queued }) => queued ?? 0),
      queuedMax: Math.max(...all.map(({ queuedMax }) => queuedMax ?? 0)),
    }),
    ...(cancelledOnPurpose > 0 && { cancelledOnPurpose }),
    byCode: sumStatusCounts(all.map(({ byCode }) => byCode)),
  };
}

/** Where the driver sees calls wait for a stream, that none did is a figure too. */
export function withQueueFigures(counts: CallCounts, driver: ClientSpec['driver']): CallCounts {
  return driver === 'wire' ? { queued: 0, queuedMax: 0, ...counts } : counts;
}

/** Several tallies' durations of one sort as one sum. */
export function mergeOf(
  tallies: readonly CallTally[],
  pick: (tally: CallTally) => MergedDurations,
): MergedDurations {
  const sum = mergedDurations();
  for (const tally of tallies) sum.add(pick(tally).encoded());
  return sum;
}
