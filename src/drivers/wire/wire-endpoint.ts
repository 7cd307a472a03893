/**
 * One address as a channel knows it: a number of connections, the calls spread over them in turn, and
 * the calls that wait.
 *
 *                    ┌► link ─ connection: streams up to the server's limit
 *   call ─► in turn ─┼► link ─ …
 *            │       └► link
 *            └─ none has room: waits; when room comes, the call that waited longest is first
 *
 * Calls wait while a connection is being made or the server's limit of streams is reached; when all
 * links are in backoff they go to other addresses, or fail at once where there are none, as gRPC calls
 * that do not wait for ready do. A deadline runs while its call waits.
 */
import { monotonicNowNs } from '../../base/clock.js';
import { statusCode } from '../../base/status.js';
import { WaitingCalls, type WaitingCount } from './waiting-calls.js';
import type { WireAddress } from './wire-address.js';
import type { WireCall } from './wire-call.js';
import { type LinkContext, WireLink, type WireLinkOwner } from './wire-link.js';

const UNAVAILABLE = statusCode('UNAVAILABLE');

/** What all endpoints of a driver share. */
export interface EndpointContext extends LinkContext {
  /** Connections to each address. */
  readonly connections: number;
  readonly waiting: WaitingCount;
}

export class WireEndpoint implements WireLinkOwner {
  readonly address: WireAddress;
  readonly #redispatch: (call: WireCall) => void;
  readonly #onReady: () => void;
  readonly #links: readonly WireLink[];
  readonly #waiting: WaitingCalls;
  #next = 0;

  /**
   * @param redispatch finds another place for a call that the server did not look at.
   * @param onReady called each time that a connection is ready.
   */
  constructor(
    address: WireAddress,
    context: EndpointContext,
    redispatch: (call: WireCall) => void,
    onReady: () => void,
  ) {
    this.address = address;
    this.#redispatch = redispatch;
    this.#onReady = onReady;
    this.#waiting = new WaitingCalls(context.waiting);
    this.#links = Array.from(
      { length: context.connections },
      () => new WireLink(address, context, this),
    );
  }

  /** Whether all of its connections take calls. */
  get isReady(): boolean {
    return this.#links.every((link) => link.isReady);
  }

  /** Why a connection is missing, as far as that is known. */
  get problem(): string | undefined {
    return this.#links.find((link) => link.problem !== undefined)?.problem;
  }

  /**
   * Sends a call, or lets it wait for a connection that is there or being made.
   * @returns false when all are in backoff: here it would fail.
   */
  dispatch(call: WireCall): boolean {
    if (this.#waiting.count === 0 && this.#start(call)) return true;
    if (this.#isInBackoff) return false;
    this.#waiting.push(call);
    return true;
  }

  /**
   * Name resolution does not name it any more: it makes no connections, calls that wait go elsewhere, and
   * those that are sent end by themselves.
   * @param onGone called when all have.
   */
  leave(onGone: () => void): void {
    let open = this.#links.length;
    for (const link of this.#links) {
      link.leave(() => {
        if (--open === 0) onGone();
      });
    }
    for (const call of this.#waiting.takeAll()) this.#redispatch(call);
  }

  close(): void {
    for (const link of this.#links) link.close();
    for (const call of this.#waiting.takeAll()) failLater(call);
  }

  onReady(): void {
    this.#onReady();
    this.#drain();
  }

  onRoom(): void {
    if (this.#waiting.count > 0) this.#drain();
  }

  onBackoff(): void {
    if (!this.#isInBackoff) return;
    // They were not sent: another address may take them. Where there is none, they come back and fail.
    for (const call of this.#waiting.takeAll()) this.#redispatch(call);
  }

  onUnprocessed(call: WireCall): void {
    this.#redispatch(call);
  }

  get #isInBackoff(): boolean {
    return this.#links.every((link) => link.isInBackoff);
  }

  /** Gives the call to the next connection with room. @returns false when there is none. */
  #start(call: WireCall): boolean {
    const links = this.#links;
    const { length } = links;
    for (let tried = 0; tried < length; tried++) {
      const connection = links[this.#next]?.current;
      this.#next = this.#next + 1 < length ? this.#next + 1 : 0;
      if (connection?.start(call) === true) return true;
    }
    return false;
  }

  #drain(): void {
    for (;;) {
      const call = this.#waiting.first();
      if (call === undefined) return;
      // Its timer may be a millisecond behind; nothing is sent that nobody waits for.
      if (call.hasDeadline && call.deadlineNs <= monotonicNowNs()) call.expire();
      else if (!this.#start(call)) return;
      else this.#waiting.left(call);
    }
  }
}

/** Ends a call that nobody takes; never in the turn of the event loop in which it was asked for. */
export function failLater(call: WireCall): void {
  setImmediate(() => call.end(UNAVAILABLE, call.ticket.owner.now()));
}
