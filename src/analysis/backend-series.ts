/**
 * Attempts on each backend over time, one point per interval, as `series.ts` has calls. An attempt counts
 * in the interval in which it was started.
 */
import type { LoadLine } from '../metrics/record.js';
import type { BackendPoint } from '../metrics/summary.js';
import { totalAttempts } from './attempt-tally.js';

const NS_PER_MS = 1e6;

export interface BackendSeries {
  add(line: LoadLine): void;
  /** In order of time. @param names of all backends, by their addresses. */
  points(names: ReadonlyMap<string, string>): BackendPoint[];
}

export function backendSeries(intervalNs: number): BackendSeries {
  const intervals = new Map<number, Map<string, number>>();
  return {
    add(line) {
      const index = Math.floor((line.fromNs + line.toNs) / 2 / intervalNs);
      const attempts = intervals.get(index) ?? new Map<string, number>();
      intervals.set(index, attempts);
      for (const cell of line.attempts) {
        attempts.set(cell.backend, (attempts.get(cell.backend) ?? 0) + totalAttempts(cell));
      }
    },
    points(names) {
      const none = Object.fromEntries([...names.values()].map((name) => [name, 0]));
      return [...intervals]
        .sort(([a], [b]) => a - b)
        .map(([index, counted]) => ({
          fromMs: (index * intervalNs) / NS_PER_MS,
          toMs: ((index + 1) * intervalNs) / NS_PER_MS,
          attempts: {
            ...none,
            ...Object.fromEntries(
              [...counted].map(([address, count]) => [names.get(address) ?? address, count]),
            ),
          },
        }));
    },
  };
}
