/**
 * Send windows at zero while there is something to send: how often and how long, over the streams and
 * the connections that share one of these. Where backpressure comes from is seen here and nowhere else.
 */
import { type Waited, WaitingTime } from '../base/waiting-time.js';

export class WindowWaits {
  /** Streams whose own window is used up. */
  readonly streams = new WaitingTime();
  /** Connections whose window is: then none of their streams may send. */
  readonly connections = new WaitingTime();

  /** Since it was last asked. */
  take(): { readonly streams: Waited; readonly connections: Waited } {
    return { streams: this.streams.take(), connections: this.connections.take() };
  }
}

/** What waits on one connection. Owners of many connections add them up in one `WindowWaits`. */
export class ConnectionWaits {
  readonly #waits: WindowWaits;
  readonly #streams = new Set<number>();
  #isStopped = false;

  constructor(waits: WindowWaits) {
    this.#waits = waits;
  }

  /** A stream has more to send than windows take: its own, or the connection's. */
  blocked(streamId: number, streamWindow: number, connectionWindow: number): void {
    if (streamWindow <= 0 && !this.#streams.has(streamId)) {
      this.#streams.add(streamId);
      this.#waits.streams.begin();
    }
    if (connectionWindow <= 0) this.connectionBlocked();
  }

  /** The connection's window is used up, and there is something to send. */
  connectionBlocked(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#waits.connections.begin();
  }

  /** A stream has a window again, or has nothing to send any more. */
  streamFreed(streamId: number): void {
    if (this.#streams.delete(streamId)) this.#waits.streams.end();
  }

  /** The connection has a window again, or nobody has anything to send on it. */
  connectionFreed(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#waits.connections.end();
  }
}
