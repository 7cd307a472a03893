/**
 * How often a server lets clients ping it (gRFC A8, "Server Enforcement"). A PING that comes sooner after
 * the one before than is allowed is a strike; the third strike is too many. What the server itself had to
 * send in between forgives them all, so a busy connection is never cut off.
 */
import type { NowNs } from '../base/clock.js';

export interface PingAllowance {
  /** From one PING to the next, at least. */
  readonly minTimeNs: number;
  /** The same while no stream is open; otherwise once in two hours, as gRPC has it. */
  readonly withoutStreams: boolean;
}

/** What GOAWAY says to who pings too often; gRPC's clients know it, and ping half as often from then on. */
export const TOO_MANY_PINGS = 'too_many_pings';

/** Header and payload (RFC 9113 §6.7). */
export const PING_FRAME_BYTES = 9 + 8;

const STRIKES_MAX = 2;
const IDLE_TIME_NS = 2 * 3_600e9;

export class PingPolicy {
  readonly #allowance: PingAllowance;
  readonly #now: NowNs;
  #lastNs = Number.NEGATIVE_INFINITY;
  #lastSentOctets = 0;
  #strikes = 0;

  constructor(allowance: PingAllowance, now: NowNs) {
    this.#allowance = allowance;
    this.#now = now;
  }

  /**
   * Judges a PING that came now.
   * @param hasStreams any is open.
   * @param sentOctets all that this end has sent on the connection so far, PINGs aside.
   */
  isTooMany(hasStreams: boolean, sentOctets: number): boolean {
    const { minTimeNs, withoutStreams } = this.#allowance;
    if (sentOctets !== this.#lastSentOctets) {
      this.#lastSentOctets = sentOctets;
      this.#lastNs = Number.NEGATIVE_INFINITY;
      this.#strikes = 0;
    }
    const nowNs = this.#now();
    const waitNs = hasStreams || withoutStreams ? minTimeNs : Math.max(minTimeNs, IDLE_TIME_NS);
    const isEarly = nowNs < this.#lastNs + waitNs;
    this.#lastNs = nowNs;
    if (isEarly) this.#strikes++;
    return this.#strikes > STRIKES_MAX;
  }
}
