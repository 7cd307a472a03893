/**
 * One place for a connection to an address: it is made, and made anew when it is lost.
 *
 *            connected                      lost
 *   connecting ──► ready ──────────────────────────────► connecting
 *       │ fails      │ GOAWAY: a new one beside the old      ▲
 *       │ too late   │ lost again, and of no use twice       │ time is up
 *       ▼            ▼                                       │
 *    backoff ────────────────────────────────────────────────┘
 *
 * A connection that becomes ready and is lost without having answered anything is of no use. The next
 * is made at once all the same, since a server that restarts does that; the one after it waits, or a
 * server that closes whatever it accepts would keep this client busy with connecting.
 */
import type { Rng } from '../../base/rng.js';
import type { KeepaliveTimes } from '../../http2/keepalive.js';
import { type BackoffTimes, ConnectionBackoff } from './connection-backoff.js';
import type { WireAddress } from './wire-address.js';
import type { WireCall } from './wire-call.js';
import {
  type ConnectionSetup,
  WireConnection,
  type WireConnectionOwner,
} from './wire-connection.js';

/** What all links of a driver go by. */
export interface LinkContext {
  readonly times: BackoffTimes;
  readonly random: Rng;
  /** Absent: none. */
  readonly keepalive: KeepaliveTimes | undefined;
  /** How connections are made. */
  readonly setup: ConnectionSetup;
  /** Number of the connection that was begun last; 0 before any. */
  readonly numbering: { last: number };
  /** A connection was lost, or could not be made, for a reason that is no part of a normal run. */
  onLost(address: string, reason: string): void;
}

/** What a link tells its endpoint. */
export interface WireLinkOwner {
  /** It has a connection that takes calls. */
  onReady(): void;
  /** Its connection takes a call more. */
  onRoom(): void;
  /** It has no connection, and makes none for a while. */
  onBackoff(): void;
  /** The server did not look at the call. */
  onUnprocessed(call: WireCall): void;
}

export class WireLink implements WireConnectionOwner {
  /** The connection that takes calls, or will. */
  current: WireConnection | undefined;
  #problem: string | undefined;
  readonly #address: WireAddress;
  readonly #context: LinkContext;
  readonly #owner: WireLinkOwner;
  readonly #backoff: ConnectionBackoff;
  /** Connections that take no more calls and let theirs end. */
  readonly #leaving = new Set<WireConnection>();
  #onGone: () => void = () => {};
  /** Keepalive is so many times as patient: twice as much for each server that found it too busy. */
  #patience = 1;
  /** Connections in a row that were of no use. */
  #useless = 0;
  #backoffTimer: NodeJS.Timeout | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(address: WireAddress, context: LinkContext, owner: WireLinkOwner) {
    this.#address = address;
    this.#context = context;
    this.#owner = owner;
    this.#backoff = new ConnectionBackoff(context.times, context.random);
    this.#connect();
  }

  /** Why there is no connection that takes calls, as far as that is known. */
  get problem(): string | undefined {
    if (this.isReady) return undefined;
    const isSilent = this.current?.isOpen === true;
    return this.#problem ?? (isSilent ? 'the peer accepts, and sends no SETTINGS' : undefined);
  }

  get isReady(): boolean {
    return this.current?.isReady === true;
  }

  get isInBackoff(): boolean {
    return this.#backoffTimer !== undefined || this.#isClosed;
  }

  /** Lets its calls end, and makes no connection any more. @param onGone called when none is left. */
  leave(onGone: () => void): void {
    this.#onGone = onGone;
    this.#retire();
    if (this.current !== undefined) this.current.leave();
    else if (this.#leaving.size === 0) onGone();
  }

  close(): void {
    this.#retire();
    this.current?.close();
    for (const connection of this.#leaving) connection.close();
  }

  onReady(connection: WireConnection): void {
    if (connection !== this.current) return;
    clearTimeout(this.#connectTimer);
    this.#problem = undefined;
    this.#owner.onReady();
  }

  onRoom(connection: WireConnection): void {
    if (connection !== this.current) return;
    if (!connection.isLeaving) this.#owner.onRoom();
    else if (!this.#isClosed) {
      // gRFC A8: half as often from then on.
      if (connection.hasPingedTooMuch) this.#patience *= 2;
      this.current = undefined;
      this.#leaving.add(connection);
      this.#replace(connection);
    }
  }

  onUnprocessed(call: WireCall): void {
    this.#owner.onUnprocessed(call);
  }

  onClosed(connection: WireConnection): void {
    const wasLeaving = this.#leaving.delete(connection);
    const isCurrent = connection === this.current;
    if (this.#isClosed) {
      if (isCurrent) this.current = undefined;
      if (this.current === undefined && this.#leaving.size === 0) this.#onGone();
      return;
    }
    if (isCurrent) this.current = undefined;
    if (!wasLeaving || !connection.isDone) {
      this.#problem = connection.closeReason;
      this.#context.onLost(this.#address.name, connection.closeReason);
    }
    if (!isCurrent) return;
    if (connection.isReady) this.#replace(connection);
    else this.#backOff();
  }

  #retire(): void {
    this.#isClosed = true;
    clearTimeout(this.#backoffTimer);
    clearTimeout(this.#connectTimer);
  }

  /** Makes the next connection after one that was ready. */
  #replace({ hasAnswered }: WireConnection): void {
    if (hasAnswered) {
      this.#backoff.reset();
      this.#useless = 0;
    } else this.#useless++;
    if (this.#useless <= 1) this.#connect();
    else this.#backOff();
  }

  #connect(): void {
    const { setup, numbering } = this.#context;
    const number = ++numbering.last;
    const connection = new WireConnection(this.#address, number, setup, this, this.#keepalive());
    this.current = connection;
    const { connectMs } = this.#context.times;
    clearTimeout(this.#connectTimer);
    this.#connectTimer = setTimeout(() => {
      // A thread that was busy itself looks at what has come meanwhile first.
      setImmediate(() => connection.giveUp(connectMs));
    }, connectMs);
  }

  #keepalive(): KeepaliveTimes | undefined {
    const { keepalive } = this.#context;
    if (keepalive === undefined) return undefined;
    return { ...keepalive, timeNs: keepalive.timeNs * this.#patience };
  }

  #backOff(): void {
    clearTimeout(this.#connectTimer);
    this.#backoffTimer = setTimeout(() => {
      this.#backoffTimer = undefined;
      this.#connect();
    }, this.#backoff.nextMs());
    this.#owner.onBackoff();
  }
}
