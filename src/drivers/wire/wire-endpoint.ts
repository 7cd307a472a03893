/**
 * One address as a channel knows it: a connection, made anew when it is lost, and the calls that wait
 * for it.
 *
 *            connected                      lost
 *   connecting ──► ready ──────────────────────────────► connecting
 *       │ fails      │ GOAWAY: a new one beside the old      ▲
 *       ▼            ▼                                       │ time is up
 *    backoff ────────────────────────────────────────────────┘
 *
 * Calls wait while it connects or while the server's limit of streams is reached; in backoff they fail
 * at once, as gRPC calls that do not wait for ready do.
 */
import { statusCode } from '../../base/status.js';
import type { WireCall } from './wire-call.js';
import { WireConnection, type WireConnectionOwner } from './wire-connection.js';

const UNAVAILABLE = statusCode('UNAVAILABLE');

/** gRPC's connection backoff (doc/connection-backoff.md). */
const BACKOFF_MS = 1_000;
const BACKOFF_MULTIPLIER = 1.6;
const BACKOFF_MS_MAX = 120_000;
const BACKOFF_JITTER = 0.2;

export class WireEndpoint implements WireConnectionOwner {
  readonly address: string;
  readonly #redispatch: (call: WireCall) => void;
  readonly #onReady: () => void;
  #current: WireConnection | undefined;
  /** Connections that take no more calls and let theirs end. */
  readonly #leaving = new Set<WireConnection>();
  #waiting: WireCall[] = [];
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /**
   * @param redispatch finds another place for a call that the server did not look at.
   * @param onReady called each time that a connection is ready.
   */
  constructor(address: string, redispatch: (call: WireCall) => void, onReady: () => void) {
    this.address = address;
    this.#redispatch = redispatch;
    this.#onReady = onReady;
    this.#connect();
  }

  /** Whether a call given to it now would fail at once. */
  get isInBackoff(): boolean {
    return this.#timer !== undefined || this.#isClosed;
  }

  get isReady(): boolean {
    return this.#current?.isReady === true;
  }

  /** Calls that wait for a connection or for room on it. */
  get waiting(): number {
    return this.#waiting.length;
  }

  dispatch(call: WireCall): void {
    const current = this.#current;
    if (this.#waiting.length === 0 && current?.canStart === true && current.start(call)) return;
    if (this.isInBackoff) failLater(call);
    else {
      call.isPrompt = false;
      this.#waiting.push(call);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#current?.close();
    for (const connection of this.#leaving) connection.close();
    this.#failWaiting();
  }

  onReady(): void {
    this.#failures = 0;
    this.#onReady();
    this.#drain();
  }

  onRoom(connection: WireConnection): void {
    if (connection !== this.#current) return;
    if (connection.isLeaving && !this.#isClosed) {
      this.#leaving.add(connection);
      this.#connect();
    } else if (this.#waiting.length > 0) this.#drain();
  }

  onUnprocessed(call: WireCall): void {
    this.#redispatch(call);
  }

  onClosed(connection: WireConnection): void {
    this.#leaving.delete(connection);
    if (connection !== this.#current) return;
    this.#current = undefined;
    if (this.#isClosed) return;
    if (connection.isReady) this.#connect();
    else this.#backOff();
  }

  #connect(): void {
    this.#current = new WireConnection(this.address, this);
  }

  #backOff(): void {
    const exactMs = Math.min(BACKOFF_MS * BACKOFF_MULTIPLIER ** this.#failures, BACKOFF_MS_MAX);
    this.#failures++;
    const jitter = 1 + BACKOFF_JITTER * (2 * Math.random() - 1);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#connect();
    }, exactMs * jitter);
    this.#failWaiting();
  }

  #failWaiting(): void {
    const failing = this.#waiting;
    this.#waiting = [];
    for (const call of failing) failLater(call);
  }

  #drain(): void {
    let started = 0;
    for (const call of this.#waiting) {
      // A call may have ended while it waited.
      if (!call.ended && !(this.#current?.canStart === true && this.#current.start(call))) break;
      started++;
    }
    if (started > 0) this.#waiting.splice(0, started);
  }
}

/** A call never ends in the turn of the event loop in which it was asked for. */
function failLater(call: WireCall): void {
  setImmediate(() => call.end(UNAVAILABLE, call.ticket.owner.now()));
}
