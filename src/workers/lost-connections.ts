/**
 * Connections that a worker's driver lost, gathered until the next snapshot: equal ones become one
 * event with a count, so that a server which closes whatever it accepts fills no record.
 */
import { monotonicNowNs, type NowNs } from '../base/clock.js';

/** Losses of one address for one reason since the last snapshot. */
export interface LostConnection {
  readonly address: string;
  /** A clause: `the peer closed the connection`. */
  readonly reason: string;
  /** When the first was lost, in ns of the monotonic clock. */
  readonly firstNs: number;
  readonly count: number;
}

/** Reasons are a server's to choose: so many are told apart, the rest is one. */
const KINDS_MAX = 16;
const OTHERS = 'and for other reasons';

export class LostConnections {
  readonly #now: NowNs;
  #kinds = new Map<string, LostConnection>();

  constructor(now: NowNs = monotonicNowNs) {
    this.#now = now;
  }

  add(address: string, reason: string): void {
    const key = `${address} ${reason}`;
    const isOther = this.#kinds.size >= KINDS_MAX && !this.#kinds.has(key);
    const known = this.#kinds.get(isOther ? OTHERS : key);
    this.#kinds.set(isOther ? OTHERS : key, {
      address,
      reason: isOther ? OTHERS : reason,
      firstNs: known?.firstNs ?? this.#now(),
      count: (known?.count ?? 0) + 1,
    });
  }

  /** What was lost since the last call, in the order of the first of each. */
  take(): LostConnection[] {
    const taken = [...this.#kinds.values()];
    this.#kinds = new Map();
    return taken;
  }
}
