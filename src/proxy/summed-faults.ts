/** What faults did at several listeners, by fault: one that acts at many is one. */
import { sumFaultCounts } from '../metrics/fault-counts.js';
import type { FaultCounts } from '../metrics/record.js';

type Counts = Readonly<Record<string, FaultCounts>>;

export function summedFaults(all: readonly Counts[]): Counts {
  const sums: Record<string, FaultCounts> = {};
  for (const [id, counts] of all.flatMap((one) => Object.entries(one))) {
    sums[id] = sumFaultCounts(sums[id], counts);
  }
  return sums;
}
