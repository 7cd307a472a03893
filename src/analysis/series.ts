/**
 * Calls over time, one point per interval.
 *
 * Intervals are multiples of the plan's interval on the load clock. A worker stamps its lines with
 * the times at which it really took them, a little late; a line belongs to the interval that
 * contains its middle.
 */
import { type MergedDurations, mergedDurations } from '../metrics/merged-durations.js';
import type { LoadLine } from '../metrics/record.js';
import type { SeriesPoint } from '../metrics/summary.js';
import { totalAttempts } from './attempt-tally.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;

interface Interval {
  offered: number;
  completed: number;
  good: number;
  /** Ended OK, or were cancelled because their load is told to. */
  unfailed: number;
  missed: number;
  attempts: number;
  readonly latency: MergedDurations;
  readonly longLived: { offered: number; good: number };
}

export interface SeriesTally {
  add(line: LoadLine): void;
  /** In order of time; intervals without any line are left out. */
  points(): SeriesPoint[];
}

/** @param longLived names of the loads whose calls last as long as they are told to. */
export function seriesTally(
  intervalNs: number,
  longLived: ReadonlySet<string> = new Set(),
): SeriesTally {
  const intervals = new Map<number, Interval>();
  const intervalAt = (index: number): Interval => {
    const known = intervals.get(index);
    if (known !== undefined) return known;
    const latency = mergedDurations();
    const counts = { offered: 0, completed: 0, good: 0, unfailed: 0, missed: 0, attempts: 0 };
    const opened = { ...counts, latency, longLived: { offered: 0, good: 0 } };
    intervals.set(index, opened);
    return opened;
  };
  return {
    add(line) {
      const interval = intervalAt(Math.floor((line.fromNs + line.toNs) / 2 / intervalNs));
      for (const cell of line.calls) {
        interval.offered += cell.offered;
        interval.completed += cell.completed;
        interval.good += cell.good;
        interval.unfailed += (cell.byCode.OK ?? 0) + (cell.cancelledOnPurpose ?? 0);
        interval.missed += cell.missed;
        interval.latency.add(cell.latency);
        if (!longLived.has(cell.load)) continue;
        interval.longLived.offered += cell.offered;
        interval.longLived.good += cell.good;
      }
      for (const cell of line.attempts) interval.attempts += totalAttempts(cell);
    },
    points: () =>
      [...intervals]
        .sort(([a], [b]) => a - b)
        .map(([index, { unfailed, latency, longLived: streams, ...counts }]) => ({
          fromMs: (index * intervalNs) / NS_PER_MS,
          toMs: ((index + 1) * intervalNs) / NS_PER_MS,
          ...counts,
          failed: counts.completed - unfailed,
          ...(streams.offered + streams.good === 0 ? {} : { longLived: { ...streams } }),
          ...withDefined({ latencyUs: latency.summarise() }),
        })),
  };
}
