/**
 * The next tier as a backend sees it: comes in a request that had its service here, goes out a call to
 * one of that tier's backends, and how it ended.
 *
 *   client ──► front: line, service ──► middle: line, service ──► back: line, service
 *          ◄────────── status ◄────────────── status ◄─────────────── reply
 *
 * A slot is free again when a service is over: what waits for the next tier takes none. The backend is a
 * real client, of grpc-js: retries, balancer and connections of each hop are its own, and a deadline
 * that is handed on is one that the next server sees.
 */
import { upstreamOf } from '../base/call-id.js';
import { monotonicNowNs, NS_PER_MS } from '../base/clock.js';
import { createRng } from '../base/rng.js';
import { statusName } from '../base/status.js';
import { type CallMetadata, metadataMistake } from '../calls/call-metadata.js';
import { SAY_METHOD } from '../calls/chat-codec.js';
import { type CallOwner, CallTicket } from '../calls/ticket.js';
import { createDriver } from '../drivers/create-driver.js';
import type { ClientTls } from '../drivers/spec.js';
import type { AbortEffect } from '../faults/call-effect.js';
import type { CallView } from '../faults/fault.js';
import type { NextDeadline, NextSpec } from './next-spec.js';

/** Where the next tier listens. */
export interface NextAddresses {
  readonly addresses: readonly string[];
  /** What to trust, where it serves over TLS. */
  readonly tls?: ClientTls;
}

/** A call to the next tier, and the one that it is made for. */
export interface OnwardRequest {
  /** The request that came, without its prefix; not changed any more. */
  readonly message: Buffer;
  /** The room that it is said in; undefined: the one that everybody is in. */
  readonly room: string | undefined;
  readonly call: CallView;
  /** When the client's call was due, in ns on the load clock; undefined when it did not say. */
  readonly dueNs: number | undefined;
  /** On the monotonic clock; Infinity without one. */
  readonly deadlineNs: number;
  /** Whether it goes on whoever waits for it. */
  persists(): boolean;
  /** Told of its status, once; of one that was abandoned, too. */
  ended(code: number): void;
}

/** A call to the next tier that goes on. */
export interface OnwardCall {
  /** Nobody waits for it: it is cancelled, where a backend does so. Harmless when it is over. */
  abandon(): void;
}

export interface NextTier {
  readonly name: string;
  /** Calls are made for those, too, whose client is gone; and nothing cancels them. */
  readonly finishes: boolean;
  call(request: OnwardRequest): OnwardCall;
  /** Sets the load clock's zero, for calls that do not say when they were due. */
  begin(zeroNs: number): void;
  /** Closes all connections; what is open ends. */
  close(): void;
}

/** How long the connections are given that are made before the first call. */
const CONNECT_MS_MAX = 10_000;

/** @param backend whose calls they are. */
export function openNextTier(
  { tier, deadline, onExpired, client }: NextSpec,
  { addresses, tls }: NextAddresses,
  { backend, seed }: { readonly backend: string; readonly seed: number },
): NextTier {
  const spec = tls === undefined ? client : { ...client, tls };
  const driver = createDriver(addresses, spec, { random: createRng(seed, `next/${backend}`) });
  // A backend that comes back does not wait for others: its calls do, if they are not there.
  void driver.ready(CONNECT_MS_MAX).catch(() => {});
  const { channels } = driver;
  const metadataOf = roomMetadata();
  const finishes = onExpired === 'finish';
  let turn = 0;
  let zeroNs = 0;
  return {
    name: tier,
    finishes,
    begin(atNs) {
      zeroNs = atNs;
    },
    call(request) {
      const { call, message, room } = request;
      const dueNs = request.dueNs ?? monotonicNowNs() - zeroNs;
      const ticket = new CallTicket(new OnwardOwner(request), call.ordinal, dueNs, 0);
      const channel = channels[turn++ % channels.length];
      const timeoutNs = timeoutOf(deadline, request.deadlineNs);
      channel?.unary(SAY_METHOD, message, ticket, timeoutNs, metadataOf(room));
      return {
        abandon() {
          if (!finishes && !request.persists() && !ticket.ended) ticket.cancel();
        },
      };
    },
    close: () => driver[Symbol.dispose](),
  };
}

/**
 * How a call ends here whose call to the next tier ended with an error: with the same status code, so that
 * a client's policy has the cause and not our word for it; trailers, such as a pushback, are meant for
 * the hop that they came over and go no further.
 */
export function failureOf({ name }: NextTier, code: number): AbortEffect {
  const details = `the call to ${name} ended ${statusName(code)}`;
  return { effect: 'abort', code, details, after: 'service', stage: 'trailers-only' };
}

/** Counts nothing: the next tier's servers do. */
class OnwardOwner implements CallOwner {
  readonly zeroNs = 0;
  readonly hedges = false;
  readonly upstream: number;
  readonly #request: OnwardRequest;

  constructor(request: OnwardRequest) {
    const { previousAttempts, upstream = 0 } = request.call;
    this.upstream = upstreamOf(upstream, previousAttempts);
    this.#request = request;
  }

  now(): number {
    return monotonicNowNs();
  }

  attemptStarted(): void {}

  attemptEnded(): void {}

  callEnded(_ticket: CallTicket, code: number): void {
    this.#request.ended(code);
  }
}

/** In ns from now; undefined: none. */
function timeoutOf(deadline: NextDeadline, deadlineNs: number): number | undefined {
  if (deadline.kind === 'fresh') return deadline.ns;
  if (deadline.kind === 'none' || deadlineNs === Number.POSITIVE_INFINITY) return undefined;
  // grpc-js tells servers of whole milliseconds, rounded up: none may have more time than is left.
  const leftMs = Math.floor((deadlineNs - monotonicNowNs()) / NS_PER_MS);
  return Math.max(0, leftMs) * NS_PER_MS;
}

/** The last one is kept: calls of one load are mostly said in one room. */
function roomMetadata(): (room: string | undefined) => CallMetadata {
  const none: CallMetadata = {};
  let last = { room: '', metadata: none };
  return (room = '') => {
    if (room !== last.room) {
      // It comes from the network; what no client of ours could send ends here.
      const isWrong = room === '' || metadataMistake('room', room) !== undefined;
      last = { room, metadata: isWrong ? none : { room } };
    }
    return last.metadata;
  };
}
