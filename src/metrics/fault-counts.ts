/** What faults hit, added up: over time, over those that host them. */
import type { FaultCounts } from './record.js';

export const NO_HITS: FaultCounts = {
  seen: 0,
  hit: 0,
  hitFirstSum: 0,
  hitFirst: 0,
  seenFirst: 0,
};

export function sumFaultCounts(a: FaultCounts = NO_HITS, b: FaultCounts = NO_HITS): FaultCounts {
  return {
    seen: a.seen + b.seen,
    hit: a.hit + b.hit,
    hitFirst: a.hitFirst + b.hitFirst,
    seenFirst: a.seenFirst + b.seenFirst,
    // Unsigned, so that the number is the same in every file and language.
    hitFirstSum: (a.hitFirstSum + b.hitFirstSum) >>> 0,
  };
}
