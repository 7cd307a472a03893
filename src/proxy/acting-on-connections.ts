/** A connection fault while it acts: on which connections, and how it ends on each. */
import { callAt, type NowNs } from '../base/clock.js';
import type { ConnectionFaultKind, FaultWindow } from '../faults/fault.js';
import { timerFrom } from '../targets/fault-timeline.js';
import type { ConnectionCounts } from './connection-counts.js';
import type { Link } from './link.js';

export class ActingOnConnections {
  readonly kind: ConnectionFaultKind<unknown>;
  readonly #window: FaultWindow;
  readonly #now: NowNs;
  readonly #counts: ConnectionCounts;
  readonly #ends = new Map<Link, () => void>();
  #hitsLeft: number;

  constructor(
    window: FaultWindow,
    kind: ConnectionFaultKind<unknown>,
    now: NowNs,
    counts: ConnectionCounts,
  ) {
    this.kind = kind;
    this.#window = window;
    this.#now = now;
    this.#counts = counts;
    this.#hitsLeft = window.count ?? Number.POSITIVE_INFINITY;
  }

  meet(link: Link, number: number): void {
    if (!this.#counts.meet(this.#window, number, this.#hitsLeft)) return;
    this.#hitsLeft--;
    const after = timerFrom(this.#now(), (atNs, fire) => callAt(atNs, fire, this.#now));
    this.#ends.set(link, this.kind.start(this.#window.options, link.connectionHost(after)));
  }

  forget(link: Link): void {
    this.#ends.get(link)?.();
    this.#ends.delete(link);
  }

  end(): void {
    for (const link of [...this.#ends.keys()]) this.forget(link);
  }
}
