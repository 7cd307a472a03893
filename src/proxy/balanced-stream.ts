/** The stream to the server of a call that a balancer placed: its backend knows how many it has. */
import type { Upstream } from './balancer.js';
import type { RelayEnd } from './relay-end.js';
import { RelayStream } from './relay-stream.js';

export class BalancedStream extends RelayStream {
  /** How often it was placed. */
  placements = 0;
  #upstream: Upstream | undefined;

  /** Puts it on a connection, instead of the one before, on which it was not started. */
  place(upstream: Upstream, end: RelayEnd): void {
    if (this.#upstream !== undefined) this.#upstream.calls--;
    this.#leave();
    this.placements++;
    this.#upstream = upstream;
    upstream.calls++;
    upstream.activeCalls++;
    this.end = end;
  }

  override over(): void {
    this.#leave();
    super.over();
  }

  #leave(): void {
    if (this.#upstream !== undefined) this.#upstream.activeCalls--;
    this.#upstream = undefined;
  }
}
