/**
 * Things to do at times: one queue and one timer for everything that a thread has planned.
 *
 * Ten thousand streams that each send on a schedule of their own would be ten thousand timers; here
 * they are entries of one binary heap, and only the earliest has a timer.
 */
import { callAt, type NowNs } from './clock.js';
import { createMinHeap } from './min-heap.js';

interface Entry {
  readonly dueNs: number;
  /** Order of arrival, so that entries due at the same time run in the order they were put in. */
  readonly sequence: number;
  readonly run: (dueNs: number) => void;
}

function earlier(a: Entry, b: Entry): boolean {
  return a.dueNs < b.dueNs || (a.dueNs === b.dueNs && a.sequence < b.sequence);
}

export class DueQueue {
  private readonly entries = createMinHeap<Entry>(earlier);
  private readonly now: NowNs;
  private sequence = 0;
  private cancelTimer: () => void = () => {};
  private armedForNs = Number.POSITIVE_INFINITY;
  private draining = false;

  constructor(now: NowNs) {
    this.now = now;
  }

  get length(): number {
    return this.entries.size;
  }

  /**
   * Calls `run(dueNs)` once `now` has reached `dueNs`: never before, and up to a millisecond or so
   * after it.
   */
  at(dueNs: number, run: (dueNs: number) => void): void {
    this.entries.push({ dueNs, sequence: this.sequence++, run });
    if (!this.draining) this.arm();
  }

  /** Forgets everything that has not run yet. */
  clear(): void {
    this.entries.clear();
    this.cancelTimer();
    this.armedForNs = Number.POSITIVE_INFINITY;
  }

  /** Runs all that is due, then arms the timer for the next. Entries added meanwhile take part. */
  private readonly runDue = (): void => {
    this.armedForNs = Number.POSITIVE_INFINITY;
    this.draining = true;
    try {
      let next = this.entries.peek();
      while (next !== undefined && next.dueNs <= this.now()) {
        this.entries.pop();
        next.run(next.dueNs);
        next = this.entries.peek();
      }
    } finally {
      this.draining = false;
      this.arm();
    }
  };

  private arm(): void {
    const next = this.entries.peek();
    if (next === undefined || next.dueNs >= this.armedForNs) return;
    this.cancelTimer();
    this.armedForNs = next.dueNs;
    this.cancelTimer = callAt(next.dueNs, this.runDue, this.now);
  }
}
