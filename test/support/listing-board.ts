/** A board that holds faults and plays none, for tests of those who put them on. */
import type { FaultWindow } from '../../src/faults/fault.js';
import type { FaultCounts } from '../../src/metrics/record.js';
import type { FaultBoard } from '../../src/proxy/fault-board.js';

export interface ListingBoard extends FaultBoard {
  /** What the next `takeCounts` gives. */
  count(id: string, seen: number, hit: number): void;
  /** Refuses the next fault. */
  refuse(reason: string): void;
}

export function createListingBoard(): ListingBoard {
  const windows: FaultWindow[] = [];
  let counts: Record<string, FaultCounts> = {};
  let reason: string | undefined;
  return {
    windows,
    add(window) {
      const refused = reason;
      reason = undefined;
      if (refused !== undefined) throw new RangeError(refused);
      windows.push(window);
    },
    remove(id) {
      const at = windows.findIndex((window) => window.id === id);
      return at >= 0 && windows.splice(at, 1).length > 0;
    },
    takeCounts() {
      const taken = counts;
      counts = {};
      return taken;
    },
    clear: () => void windows.splice(0),
    count(id, seen, hit) {
      counts[id] = { seen, hit, seenFirst: seen, hitFirst: hit, hitFirstSum: 0 };
    },
    refuse(because) {
      reason = because;
    },
  };
}
