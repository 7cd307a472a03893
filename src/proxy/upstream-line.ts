/**
 * One connection to one backend, of those that a balanced client has.
 *
 * Its word is not the client's: a GOAWAY or a loss takes it out of use, and calls that it has not begun
 * go elsewhere. A backend that does not come as far as its first SETTINGS is out for a while, for all.
 */
import type { Balancer, Upstream } from './balancer.js';
import type { ProxyCounters } from './proxy-counters.js';
import type { RelayStream } from './relay-stream.js';
import { schemeBetween } from './scheme.js';
import { ServerEnd, type ServerEndOwner, type WaitingCall } from './server-end.js';

/** A backend that has not answered by then is as good as none. */
const READY_MS_MAX = 5_000;

/** What a line asks of its link. */
export interface LineOwner {
  readonly balancer: Balancer;
  readonly counters: ProxyCounters;
  /** Takes the answer to a backend's PING over; false leaves it to the connection. */
  onServerPing(): boolean;
  /** It takes no more calls. */
  onLeaving(line: UpstreamLine): void;
  /** A call that it did not begin needs another place. */
  onUnplaced(call: WaitingCall): void;
  /** A call went down with its connection. */
  onCallLost(stream: RelayStream): void;
  /** Its connection is gone. `reason`: without having said so before. */
  onLineGone(line: UpstreamLine, reason: string | undefined): void;
}

export class UpstreamLine implements ServerEndOwner {
  readonly upstream: Upstream;
  readonly end: ServerEnd;
  readonly counters: ProxyCounters;
  readonly #owner: LineOwner;
  readonly #readyTimer: NodeJS.Timeout;
  #isLeaving = false;
  #problem: string | undefined;

  /**
   * @param windowBytes what the client takes in of one stream.
   * @param isSecure the client comes over TLS.
   */
  constructor(upstream: Upstream, windowBytes: number, owner: LineOwner, isSecure: boolean) {
    this.upstream = upstream;
    this.counters = owner.counters;
    this.#owner = owner;
    const scheme = schemeBetween(isSecure, upstream.address.tls !== undefined);
    this.end = new ServerEnd(upstream.address, { initialWindowSize: windowBytes }, this, scheme);
    this.#readyTimer = setTimeout(() => {
      this.#problem = `it did not answer within ${READY_MS_MAX / 1e3} s`;
      this.end.transport.destroy();
    }, READY_MS_MAX).unref();
  }

  onServerSettings(): void {
    clearTimeout(this.#readyTimer);
  }

  onServerPing(): boolean {
    return this.#owner.onServerPing();
  }

  onServerGoaway(): void {
    this.#leave('it takes no more calls');
  }

  onUnstarted(call: WaitingCall, error: Error | undefined): boolean {
    this.#leave(this.#problem ?? error?.message ?? 'it closed the connection');
    if (!call.stream.isOver) this.#owner.onUnplaced(call);
    return true;
  }

  onCallLost(stream: RelayStream): void {
    this.#owner.onCallLost(stream);
  }

  onStatus(code: number): void {
    const { statuses } = this.counters;
    statuses[code] = (statuses[code] ?? 0) + 1;
    this.upstream.statuses[code] = (this.upstream.statuses[code] ?? 0) + 1;
  }

  onServerGone(error: Error | undefined): void {
    clearTimeout(this.#readyTimer);
    const wasLeaving = this.#isLeaving && this.end.isReady;
    const reason = this.#problem ?? error?.message ?? 'it closed the connection';
    this.#leave(reason);
    this.#owner.onLineGone(this, wasLeaving ? undefined : reason);
  }

  /** Ends it, with what is left to send. */
  destroy(): void {
    this.end.transport.flush();
    this.end.transport.destroy();
  }

  #leave(reason: string): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    if (!this.end.isReady) this.#owner.balancer.failed(this.upstream, reason);
    this.#owner.onLeaving(this);
  }
}
