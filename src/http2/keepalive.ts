/**
 * Keepalive (gRFC A8, and A9 at a server): PINGs of this end that find out a peer which is gone and has
 * not said so. Comes in a connection and times; goes out that the peer is dead, once.
 *
 *                    time, with streams                   timeout
 *   resting ───────────────────────────────► waiting ─────────────► dead
 *      │  ▲                                   │    ▲
 *      │  └──────────── answer ───────────────┘    │
 *      │ time, without                             │ a stream starts
 *      └──────────────────────────► dormant ───────┘
 *
 * As in grpc-js, PINGs go out on a busy connection too: nothing is asked of the way of calls but that it
 * wakes a dormant one.
 */
import { NS_PER_MS } from '../base/clock.js';
import type { Connection } from './connection.js';

export interface KeepaliveTimes {
  /** From an answer to the next PING. */
  readonly timeNs: number;
  /** Whoever has not answered by then is dead. */
  readonly timeoutNs: number;
  /** Also while no stream is open. */
  readonly withoutStreams: boolean;
}

export class Keepalive {
  readonly #connection: Pick<Connection, 'ping' | 'streamCount'>;
  readonly #times: KeepaliveTimes;
  readonly #onDead: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isDormant = false;
  #isStopped = false;

  /** @param onDead told at most once, and not after `stop`. */
  constructor(
    connection: Pick<Connection, 'ping' | 'streamCount'>,
    times: KeepaliveTimes,
    onDead: () => void,
  ) {
    this.#connection = connection;
    this.#times = times;
    this.#onDead = onDead;
    this.#rest();
  }

  /** Cheap: called for every stream. */
  streamStarted(): void {
    if (this.#isDormant) this.#ping();
  }

  stop(): void {
    this.#isStopped = true;
    this.#isDormant = false;
    clearTimeout(this.#timer);
  }

  #rest(): void {
    this.#timer = setTimeout(() => {
      if (this.#times.withoutStreams || this.#connection.streamCount > 0) this.#ping();
      else this.#isDormant = true;
    }, this.#times.timeNs / NS_PER_MS);
  }

  #ping(): void {
    this.#isDormant = false;
    let isAnswered = false;
    const isSent = this.#connection.ping(() => {
      isAnswered = true;
      if (this.#isStopped) return;
      clearTimeout(this.#timer);
      this.#rest();
    });
    if (!isSent) return;
    this.#timer = setTimeout(() => {
      // A thread that was busy itself looks at what has come meanwhile first.
      setImmediate(() => {
        if (!isAnswered && !this.#isStopped) this.#onDead();
      });
    }, this.#times.timeoutNs / NS_PER_MS);
  }
}
