/**
 * The backends behind one listener, and which of them takes the next call. One for all clients: what one
 * of them has learnt of a backend holds for the others.
 *
 *   in use ── a connection cannot be made ──► out ── so long ago ──► in use
 */
import { monotonicNowNs, type NowNs, NS_PER_SECOND } from '../base/clock.js';
import type { TransportAddress } from '../http2/socket-transport.js';
import type { Candidate, Pick } from './pick.js';
import { pickLeastRequest } from './pick-least-request.js';
import { pickRoundRobin } from './pick-round-robin.js';

export const BALANCE_POLICIES = ['round_robin', 'least_request'] as const;
export type BalancePolicy = (typeof BALANCE_POLICIES)[number];

const PICKS: Readonly<Record<BalancePolicy, Pick>> = {
  round_robin: pickRoundRobin,
  least_request: pickLeastRequest,
};

/** A backend that could not be reached is left alone for so long: gRPC's first backoff. */
const OUT_NS = NS_PER_SECOND;

/** A backend, as whoever balances is told of it. */
export interface UpstreamPlace {
  readonly name: string;
  readonly address: TransportAddress;
}

/** A backend and what is known of it. */
export class Upstream implements Candidate {
  readonly name: string;
  readonly address: TransportAddress;
  activeCalls = 0;
  /** Calls that it was given, from the start, and its answers by gRPC status code. */
  calls = 0;
  readonly statuses = new Array<number>(17).fill(0);
  isOut = false;
  /** On the balancer's clock. */
  outUntilNs = 0;
  /** Why it was out last. */
  reason = '';

  constructor({ name, address }: UpstreamPlace) {
    this.name = name;
    this.address = address;
  }
}

export class Balancer {
  readonly upstreams: readonly Upstream[];
  readonly #pick: Pick;
  readonly #now: NowNs;
  #turn = 0;
  #outCount = 0;

  /** @param places one or more. */
  constructor(places: readonly UpstreamPlace[], policy: BalancePolicy, now = monotonicNowNs) {
    this.upstreams = places.map((place) => new Upstream(place));
    this.#pick = PICKS[policy];
    this.#now = now;
  }

  /** The backend that takes a call; undefined when none can be reached. */
  pick(): Upstream | undefined {
    if (this.#outCount > 0) this.#takeBack();
    const index = this.#pick(this.upstreams, this.#turn);
    if (index < 0) return undefined;
    this.#turn++;
    return this.upstreams[index];
  }

  /** A connection to it could not be made. */
  failed(upstream: Upstream, reason: string): void {
    if (!upstream.isOut) this.#outCount++;
    upstream.isOut = true;
    upstream.reason = reason;
    upstream.outUntilNs = this.#now() + OUT_NS;
  }

  /** Why no backend can be reached: `b0: connect ECONNREFUSED …; b1: …`. */
  whyNone(): string {
    return this.upstreams.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  }

  #takeBack(): void {
    const nowNs = this.#now();
    for (const upstream of this.upstreams) {
      if (!upstream.isOut || nowNs < upstream.outUntilNs) continue;
      upstream.isOut = false;
      this.#outCount--;
    }
  }
}
