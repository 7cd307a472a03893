/** Which connections faults hit, and how many: for all faults that pick connections and not calls. */
import { hashName, hashNumbers } from '../base/rng.js';
import { hitsConnection } from '../faults/decide.js';
import type { FaultWindow } from '../faults/fault.js';
import type { FaultCounts } from '../metrics/record.js';

export class ConnectionCounts {
  readonly #seed: number;
  readonly #counts = new Map<string, { seen: number; hit: number; hitSum: number }>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * A fault meets a connection. @param hitsLeft how many more it may hit.
   * @returns whether it hits it.
   */
  meet(window: FaultWindow, connection: number, hitsLeft: number): boolean {
    const { id } = window;
    const counts = this.#counts.get(id) ?? { seen: 0, hit: 0, hitSum: 0 };
    this.#counts.set(id, counts);
    counts.seen++;
    if (hitsLeft <= 0 || !hitsConnection(window, connection, this.#seed)) return false;
    counts.hit++;
    // Unsigned, so that the number is the same in every file and language.
    counts.hitSum = (counts.hitSum + hashNumbers(hashName(id), connection)) >>> 0;
    return true;
  }

  /** By fault id, of those that met a connection since this was last called; starts over. */
  take(): Record<string, FaultCounts> {
    const taken: Record<string, FaultCounts> = {};
    for (const [id, { seen, hit, hitSum }] of this.#counts) {
      // A connection is no retry of another.
      taken[id] = { seen, hit, seenFirst: seen, hitFirst: hit, hitFirstSum: hitSum };
    }
    this.#counts.clear();
    return taken;
  }
}
