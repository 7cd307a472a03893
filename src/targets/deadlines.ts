/**
 * The deadlines of all calls of a server: in sets by the millisecond, and one timer for the earliest.
 *
 * Nearly every call ends before its deadline, so that leaving has to be as cheap as joining: a call
 * is taken out of its set, and a millisecond that nobody waits for any more passes unnoticed.
 */
import { type NowNs, NS_PER_MS } from '../base/clock.js';
import { DueQueue } from '../base/due-queue.js';

/** Whatever ends when its time has come. */
export interface Expiring {
  expire(): void;
}

export class Deadlines {
  readonly #queue: DueQueue;
  readonly #byMs = new Map<number, Set<Expiring>>();

  constructor(now: NowNs) {
    this.#queue = new DueQueue(now);
  }

  /**
   * Calls `expire` at a time in ns, or up to about two milliseconds after it, never before.
   * @returns forgets it; harmless when called twice, or after it.
   */
  add(atNs: number, call: Expiring): () => void {
    const ms = Math.ceil(atNs / NS_PER_MS);
    let calls = this.#byMs.get(ms);
    if (calls === undefined) {
      calls = new Set();
      this.#byMs.set(ms, calls);
      this.#queue.at(ms * NS_PER_MS, () => this.#expire(ms));
    }
    const joined = calls.add(call);
    return () => void joined.delete(call);
  }

  /** Forgets everything. */
  clear(): void {
    this.#queue.clear();
    this.#byMs.clear();
  }

  #expire(ms: number): void {
    const calls = this.#byMs.get(ms) ?? [];
    this.#byMs.delete(ms);
    for (const call of calls) call.expire();
  }
}
