/**
 * Calls of one address that wait for a stream, the oldest first: the server's limit of streams is
 * reached, or a connection is being made.
 *
 * A call that ends while it waits is forgotten at once as far as counts go, and its place is cut out
 * when such places are most of the line: what is held is about what waits.
 */
import type { WireCall } from './wire-call.js';

/** Fewer places than this are not worth cutting. */
const CUT_LENGTH = 256;

/** How many calls wait now, over all addresses and channels of a driver. */
export interface WaitingCount {
  now: number;
}

export class WaitingCalls {
  readonly #total: WaitingCount;
  #line: (WireCall | undefined)[] = [];
  #head = 0;
  #count = 0;

  constructor(total: WaitingCount) {
    this.#total = total;
  }

  /** Calls that wait. */
  get count(): number {
    return this.#count;
  }

  /** Places that are held, those of ended calls among them. */
  get places(): number {
    return this.#line.length - this.#head;
  }

  /** Puts a call at the end of the line, and tells its owner when it waits for the first time. */
  push(call: WireCall): void {
    this.#line.push(call);
    this.#count++;
    this.#total.now++;
    call.waitingIn = this;
    call.isPrompt = false;
    if (call.wasQueued) return;
    call.wasQueued = true;
    call.ticket.owner.callQueued?.(call.ticket, this.#total.now);
  }

  /** The call that has waited longest. It stays until `left` is told of it. */
  first(): WireCall | undefined {
    while (this.#head < this.#line.length) {
      const call = this.#line[this.#head];
      if (call?.waitingIn === this) return call;
      this.#line[this.#head++] = undefined;
    }
    this.#cut();
    return undefined;
  }

  /** A call waits no longer: it has a stream, or it has ended. */
  left(call: WireCall): void {
    call.waitingIn = undefined;
    this.#count--;
    this.#total.now--;
    if (this.#line.length >= CUT_LENGTH && this.#count * 2 < this.#line.length) this.#cut();
  }

  /** Takes all out, the oldest first. */
  takeAll(): WireCall[] {
    const all = this.#line.filter((call) => call?.waitingIn === this) as WireCall[];
    for (const call of all) this.left(call);
    this.#cut();
    return all;
  }

  #cut(): void {
    this.#line = this.#line.filter((call) => call?.waitingIn === this);
    this.#head = 0;
  }
}
