/**
 * Things to do at times: one queue and one wake-up for everything that a thread has planned.
 *
 * Ten thousand streams that each send on a schedule of their own would be ten thousand timers; here
 * they are entries of one binary heap, and only the earliest is waited for. How, is the **pacing**:
 *
 * - `relaxed` waits with a timer. It costs next to no CPU; things run up to a millisecond or so late.
 * - `precise` waits with a timer until shortly before, and then turns the event loop over and over
 *   (`setImmediate`), serving the network at every turn. Things run microseconds late, for a core.
 */
import { callAt, type NowNs, NS_PER_MS } from './clock.js';
import { createMinHeap } from './min-heap.js';

export const PACINGS = ['relaxed', 'precise'] as const;
export type Pacing = (typeof PACINGS)[number];

/** What is done when it is due, told when that was and what time it is now. */
export type Due = (dueNs: number, nowNs: number) => void;

interface Entry {
  readonly dueNs: number;
  /** Order of arrival, so that entries due at the same time run in the order they were put in. */
  readonly sequence: number;
  readonly run: Due;
}

function earlier(a: Entry, b: Entry): boolean {
  return a.dueNs < b.dueNs || (a.dueNs === b.dueNs && a.sequence < b.sequence);
}

/** A timer can be late by about this much, so precise pacing spins for as long before the time. */
const SPIN_NS = 2 * NS_PER_MS;

/**
 * What is due runs for no longer than this before the network has its turn again: a thread that cannot
 * keep up must still take in replies.
 */
const RUN_NS_MAX = 2 * NS_PER_MS;

/** A turn of the loop that takes no longer than this did nothing but turn. */
const IDLE_TURN_NS = 10_000;

export class DueQueue {
  private readonly entries = createMinHeap<Entry>(earlier);
  private readonly now: NowNs;
  private readonly spinNs: number;
  private sequence = 0;
  private cancelWait: () => void = () => {};
  private armedForNs = Number.POSITIVE_INFINITY;
  private draining = false;
  private lastTurnNs = 0;
  private idleNs = 0;

  constructor(now: NowNs, pacing: Pacing = 'relaxed') {
    this.now = now;
    this.spinNs = pacing === 'precise' ? SPIN_NS : 0;
  }

  get length(): number {
    return this.entries.size;
  }

  /** Time spent turning the loop with nothing to do, since this was last asked; 0 when relaxed. */
  takeIdleNs(): number {
    const idleNs = this.idleNs;
    this.idleNs = 0;
    return idleNs;
  }

  /** Calls `run` once `now` has reached `dueNs`: never before, and as little after as the pacing gives. */
  at(dueNs: number, run: Due): void {
    this.entries.push({ dueNs, sequence: this.sequence++, run });
    if (!this.draining) this.arm();
  }

  /** Forgets everything that has not run yet. */
  clear(): void {
    this.entries.clear();
    this.cancelWait();
    this.armedForNs = Number.POSITIVE_INFINITY;
  }

  /** Runs what is due, then waits for the next. Entries added meanwhile take part. */
  private readonly runDue = (): void => {
    this.armedForNs = Number.POSITIVE_INFINITY;
    this.draining = true;
    try {
      let nowNs = this.now();
      const stopNs = nowNs + RUN_NS_MAX;
      let next = this.entries.peek();
      while (next !== undefined && next.dueNs <= nowNs && nowNs < stopNs) {
        this.entries.pop();
        next.run(next.dueNs, nowNs);
        next = this.entries.peek();
        nowNs = this.now();
      }
    } finally {
      this.draining = false;
      this.arm();
    }
  };

  private arm(): void {
    const next = this.entries.peek();
    if (next === undefined || next.dueNs >= this.armedForNs) return;
    this.cancelWait();
    this.armedForNs = next.dueNs;
    if (next.dueNs <= this.now()) this.runNextTurn();
    else if (this.spinNs === 0) this.cancelWait = callAt(next.dueNs, this.runDue, this.now);
    else this.waitPrecisely(next.dueNs);
  }

  private runNextTurn(): void {
    const turn = setImmediate(this.runDue);
    this.cancelWait = () => clearImmediate(turn);
  }

  private waitPrecisely(dueNs: number): void {
    const farNs = dueNs - this.now() - this.spinNs;
    if (farNs > NS_PER_MS) {
      const timer = setTimeout(() => this.waitPrecisely(dueNs), Math.floor(farNs / NS_PER_MS));
      this.cancelWait = () => clearTimeout(timer);
      return;
    }
    this.lastTurnNs = this.now();
    this.spin(dueNs);
  }

  private spin(dueNs: number): void {
    const turn = setImmediate(() => {
      const nowNs = this.now();
      const turnNs = nowNs - this.lastTurnNs;
      if (turnNs < IDLE_TURN_NS) this.idleNs += turnNs;
      this.lastTurnNs = nowNs;
      if (nowNs >= dueNs) this.runDue();
      else this.spin(dueNs);
    });
    this.cancelWait = () => clearImmediate(turn);
  }
}
