/** How often something may happen: a bucket of tokens that refills at a steady rate. */
import { type NowNs, NS_PER_SECOND } from '../base/clock.js';

/** So many at once, and so many a second in the long run. */
export interface AllowedRate {
  readonly burst: number;
  readonly perSecond: number;
}

export class TokenBucket {
  readonly #rate: AllowedRate;
  readonly #now: NowNs;
  #tokens: number;
  #refilledNs: number;

  constructor(rate: AllowedRate, now: NowNs) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.burst;
    this.#refilledNs = now();
  }

  /** Takes a token. @returns whether there was one. */
  take(): boolean {
    // The clock is read only when the tokens at hand are used up.
    if (this.#tokens < 1) this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  #refill(): void {
    const nowNs = this.#now();
    const earned = ((nowNs - this.#refilledNs) / NS_PER_SECOND) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#tokens + earned, this.#rate.burst);
    this.#refilledNs = nowNs;
  }
}
