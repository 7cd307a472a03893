/**
 * What a worker's client tells of before its load clock has a zero, kept until it has: clients connect, and
 * hear of their backends, before the load begins.
 */
import { monotonicNowNs } from '../base/clock.js';
import type { WorkerEvent } from './client-discovery.js';

export class EarlyEvents {
  #early: ((zeroNs: number, post: (event: WorkerEvent) => void) => void)[] = [];
  #begun: { readonly zeroNs: number; readonly post: (event: WorkerEvent) => void } | undefined;

  /** Tells of what happens now, or will when it can. */
  add(event: Omit<WorkerEvent, 'atNs'>): void {
    const atNs = monotonicNowNs();
    const tell = (zeroNs: number, post: (event: WorkerEvent) => void) =>
      post({ ...event, atNs: atNs - zeroNs });
    if (this.#begun === undefined) this.#early.push(tell);
    else tell(this.#begun.zeroNs, this.#begun.post);
  }

  /** Starts telling, with what was added so far, at times before the load clock's zero. */
  begin(zeroNs: number, post: (event: WorkerEvent) => void): void {
    this.#begun = { zeroNs, post };
    for (const tell of this.#early.splice(0)) tell(zeroNs, post);
  }
}
