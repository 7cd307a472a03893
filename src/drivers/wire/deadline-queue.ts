/**
 * Deadlines of calls that are all given the same time: they pass in the order in which the calls were
 * sent, so a queue with one timer is enough, and adding one costs a few nanoseconds.
 *
 * A call that has ended stays until those before it have: what is held is about what is open.
 */
import { callAt, type NowNs } from '../../base/clock.js';

/** Something with a deadline. */
export interface Expiring {
  /** On the queue's clock. */
  deadlineNs: number;
  readonly ended: boolean;
  /** Its deadline has passed. Called once, and not after it ended. */
  expire(): void;
}

/** Entries that have ended are cut off the front when there are this many. */
const CUT_LENGTH = 4096;

export class DeadlineQueue {
  /** Time that every call of the queue is given. */
  readonly timeoutNs: number;
  readonly #now: NowNs;
  #entries: Expiring[] = [];
  #head = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(timeoutNs: number, now: NowNs) {
    this.timeoutNs = timeoutNs;
    this.#now = now;
  }

  /** Entries that are held. */
  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** Gives a call its time from `nowNs` on; never before the one that was added last. */
  add(entry: Expiring, nowNs: number): void {
    entry.deadlineNs = nowNs + this.timeoutNs;
    this.#dropEnded();
    this.#entries.push(entry);
    this.#cancelTimer ??= callAt(entry.deadlineNs, this.#expire, this.#now);
  }

  /** Forgets all; nothing expires any more. */
  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  readonly #expire = (): void => {
    this.#cancelTimer = undefined;
    const nowNs = this.#now();
    this.#dropEnded();
    for (;;) {
      const first = this.#entries[this.#head];
      if (first === undefined) return;
      if (first.deadlineNs > nowNs) {
        this.#cancelTimer = callAt(first.deadlineNs, this.#expire, this.#now);
        return;
      }
      this.#head++;
      if (!first.ended) first.expire();
      this.#dropEnded();
    }
  };

  #dropEnded(): void {
    while (this.#entries[this.#head]?.ended === true) this.#head++;
    if (this.#head < CUT_LENGTH && this.#head < this.#entries.length) return;
    if (this.#head === 0) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
