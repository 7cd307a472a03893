/**
 * How long things have waited, summed over them: comes in when each begins and ends to wait, goes out
 * how much time that was, of those that still wait too.
 *
 * The clock is read when a wait begins or ends and when the sum is taken, never in between: what does
 * not wait costs nothing. Two that wait for a second are two seconds.
 */
import { monotonicNowNs, type NowNs } from './clock.js';

export interface Waited {
  /** Waits that began. */
  readonly times: number;
  readonly ns: number;
}

export class WaitingTime {
  readonly #now: NowNs;
  #waiting = 0;
  #times = 0;
  #sumNs = 0;
  #sinceNs = 0;

  /** @param now any clock that never goes back, in ns. */
  constructor(now: NowNs = monotonicNowNs) {
    this.#now = now;
  }

  /** How many wait now. */
  get waiting(): number {
    return this.#waiting;
  }

  begin(): void {
    this.#add();
    this.#waiting++;
    this.#times++;
  }

  /** One of those that wait does not any more. */
  end(): void {
    this.#add();
    this.#waiting--;
  }

  /** What was waited since it was last asked; whoever waits still goes on waiting. */
  take(): Waited {
    if (this.#waiting > 0) this.#add();
    const taken = { times: this.#times, ns: Math.round(this.#sumNs) };
    this.#times = this.#sumNs = 0;
    return taken;
  }

  #add(): void {
    const nowNs = this.#now();
    this.#sumNs += this.#waiting * (nowNs - this.#sinceNs);
    this.#sinceNs = nowNs;
  }
}
