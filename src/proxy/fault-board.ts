/**
 * The faults of a proxy, which come and go while it runs: a scenario puts all of them on before its load
 * clock starts, who steers a proxy by hand one after another.
 *
 * A fault on the board waits for its time, acts, and is over; it stays listed until it is taken off.
 */
import type { FaultWindow } from '../faults/fault.js';
import type { FaultCounts } from '../metrics/record.js';

export interface FaultBoard {
  /** All that were put on and not taken off, in that order. */
  readonly windows: readonly FaultWindow[];
  /**
   * Puts a fault on. Its times are the board's clock's; one that has begun by then begins now, and
   * `toNs` may be Infinity.
   * @throws RangeError when the id is taken, or no proxy can carry out a fault of its kind.
   */
  add(window: FaultWindow): void;
  /** Ends a fault, if it acts, and takes it off. @returns whether it was on the board. */
  remove(id: string): boolean;
  /** By fault id, of those that saw a call since the last call of this; starts over. */
  takeCounts(): Record<string, FaultCounts>;
  /** Ends and forgets all. */
  clear(): void;
}
