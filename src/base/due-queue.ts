/**
 * Things to do at times: one queue and one timer for everything that a thread has planned.
 *
 * Ten thousand streams that each send on a schedule of their own would be ten thousand timers; here
 * they are entries of one binary heap, and only the earliest has a timer.
 */
import { callAt, type NowNs } from './clock.js';

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
  private readonly heap: Entry[] = [];
  private readonly now: NowNs;
  private sequence = 0;
  private cancelTimer: (() => void) | undefined;
  private armedForNs = Number.POSITIVE_INFINITY;
  private draining = false;

  constructor(now: NowNs) {
    this.now = now;
  }

  get length(): number {
    return this.heap.length;
  }

  /** Calls `run(dueNs)` once `now` has reached `dueNs`: never before, and up to a millisecond or so after. */
  at(dueNs: number, run: (dueNs: number) => void): void {
    this.push({ dueNs, sequence: this.sequence++, run });
    if (!this.draining) this.arm();
  }

  /** Forgets everything that has not run yet. */
  clear(): void {
    this.heap.length = 0;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.armedForNs = Number.POSITIVE_INFINITY;
  }

  /** Runs all that is due, then arms the timer for the next. Entries added meanwhile take part. */
  private readonly runDue = (): void => {
    this.armedForNs = Number.POSITIVE_INFINITY;
    this.draining = true;
    try {
      let next = this.heap[0];
      while (next !== undefined && next.dueNs <= this.now()) {
        this.pop();
        next.run(next.dueNs);
        next = this.heap[0];
      }
    } finally {
      this.draining = false;
      this.arm();
    }
  };

  private arm(): void {
    const next = this.heap[0];
    if (next === undefined || next.dueNs >= this.armedForNs) return;
    this.cancelTimer?.();
    this.armedForNs = next.dueNs;
    this.cancelTimer = callAt(next.dueNs, this.runDue, this.now);
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !earlier(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && earlier(right, child)) {
        childIndex++;
        child = right;
      }
      if (!earlier(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}
