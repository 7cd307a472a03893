/**
 * One of the two streams of a relayed call: what came on the other goes out on this one.
 *
 *   client ══ stream ══► RelayStream ─ other ─► RelayStream ══ stream ══► server
 *
 * Octets leave at once as far as the peer's windows take them, and only what left is given back to the
 * window of the side that they came from: a reader who stalls stalls the writer behind him, within the
 * windows of two connections instead of one.
 */
import type { HeaderBlock } from '../http2/header-block.js';
import type { AttemptTie } from '../targets/attempt-tie.js';
import type { CallStatus } from '../targets/wire-status.js';
import { HeldOctets } from './held-octets.js';
import type { Meddler } from './meddler.js';
import { statusBlock } from './own-blocks.js';
import type { RelayEnd } from './relay-end.js';

export class RelayStream {
  /** A balancer may give it another, before it is started. */
  end: RelayEnd;
  /** 0 until it is started. */
  id = 0;
  slot = -1;
  /** The other stream of the call. */
  other: RelayStream;
  /** It is gone: nothing can be sent on it any more. */
  isOver = false;
  /** The head of a response has left on it, or is on its way. */
  hasHead = false;
  /** Takes what is to be sent on it, where a fault has its hands in the call. */
  meddler: Meddler | undefined;
  /** What faults want to know of the call; on the client's stream. */
  tie: AttemptTie | undefined;
  #held: HeldOctets | undefined;
  /** Octets to be sent that never came on the other stream. */
  #own = 0;
  /** Octets that its window is owed while it is stalled; absent when it is not. */
  #owed: number | undefined;

  /** @param other absent for the first of the two: the second sets it. */
  constructor(end: RelayEnd, other?: RelayStream) {
    this.end = end;
    this.other = other ?? this;
    if (other !== undefined) other.other = this;
  }

  /** Octets that wait for a window, for the socket, or for its start. */
  get heldBytes(): number {
    return this.#held?.bytes ?? 0;
  }

  /** It was started. */
  started(id: number, slot: number): void {
    this.id = id;
    this.slot = slot;
    this.flush();
  }

  /** Sends a response's head, or trailers behind what is held. */
  sendBlock(block: HeaderBlock, endStream: boolean): void {
    if (this.meddler === undefined) this.passBlock(block, endStream);
    else this.meddler.block(this, block, endStream);
  }

  /** The same, past the meddler. */
  passBlock(block: HeaderBlock, endStream: boolean): void {
    if (this.isOver) return;
    // An interim head (1xx) is none yet.
    if (block.status >= 200) this.hasHead = true;
    if (this.id !== 0 && this.#held === undefined) {
      this.end.sendBlock(this, block, endStream);
      return;
    }
    this.#held ??= new HeldOctets();
    this.#held.trailers = block;
  }

  /** Sends octets that came on the other stream. */
  sendData(bytes: Uint8Array, start: number, end: number, endStream: boolean): void {
    if (this.meddler === undefined) this.passData(bytes, start, end, endStream);
    else this.meddler.data(this, bytes, start, end, endStream);
  }

  /** The same, past the meddler. */
  passData(bytes: Uint8Array, start: number, end: number, endStream: boolean): void {
    if (this.isOver) {
      this.giveBack(end - start);
      return;
    }
    let at = start;
    if (this.#held === undefined && this.id !== 0 && !this.end.isCongested) {
      const { connection } = this.end;
      const taken = connection.sendData(this.id, bytes, start, end, endStream, this.slot);
      // What cannot be sent any more is of no use to anybody.
      const done = taken < 0 ? end - start : taken;
      if (done > 0) this.giveBack(done);
      at += done;
      if (at === end) return;
    }
    const { counters } = this.end;
    if (this.#held === undefined && this.id !== 0 && !this.end.isCongested) counters.windowStalls++;
    this.#held ??= new HeldOctets();
    const held = this.#held;
    held.add(bytes, at, end);
    this.end.countHeld(end - at);
    held.endStream = endStream;
    if (this.end.isCongested) this.end.onceDrained(this);
  }

  /** Ends a call with a gRPC status that is the proxy's own. */
  answer(status: CallStatus): void {
    this.passBlock(statusBlock(status, this.hasHead), true);
  }

  /** Sends octets that did not come on the other stream, and so are owed to no window. */
  passOwn(bytes: Uint8Array): void {
    if (this.isOver) return;
    this.#own += bytes.length;
    this.passData(bytes, 0, bytes.length, false);
  }

  /** Does something once all that is held has left; at once when nothing is. */
  afterHeld(act: () => void): void {
    if (this.#held === undefined || this.isOver) act();
    else this.#held.after = act;
  }

  /** Gives its peer no window any more; or what it was owed meanwhile. */
  stall(isStalled: boolean): void {
    const owed = this.#owed ?? 0;
    this.#owed = isStalled ? owed : undefined;
    if (!isStalled && owed > 0) this.end.connection.consume(this.id, owed);
  }

  /** Sends what is held, as far as it goes. */
  flush(): void {
    const held = this.#held;
    if (held === undefined || this.id === 0 || this.isOver) return;
    for (;;) {
      if (this.end.isCongested) {
        this.end.onceDrained(this);
        return;
      }
      const first = held.first ?? NO_OCTETS;
      const ends = held.endStream && held.isLast;
      const taken = this.end.connection.sendData(this.id, first, 0, first.length, ends, this.slot);
      if (taken < 0) return;
      held.sent(taken);
      this.end.countHeld(-taken);
      if (taken > 0) this.giveBack(taken);
      if (taken < first.length) return;
      if (held.bytes === 0) break;
    }
    this.#held = undefined;
    if (held.trailers !== undefined) this.end.sendBlock(this, held.trailers, true);
    held.after?.();
  }

  /** Ends it before its time; the peer is told with an HTTP/2 error code. */
  reset(code: number): void {
    if (this.isOver) return;
    if (this.id !== 0) this.end.connection.reset(this.id, code);
    else {
      this.over();
      this.end.forget(this);
    }
  }

  /** It is gone. */
  over(): void {
    if (this.isOver) return;
    this.isOver = true;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && held.bytes > 0) {
      this.end.countHeld(-held.bytes);
      this.giveBack(held.bytes);
    }
    this.meddler?.over?.();
    this.tie?.over();
  }

  /** Octets that came on the other stream are done with: its window has them back. */
  giveBack(octets: number): void {
    const own = Math.min(octets, this.#own);
    this.#own -= own;
    this.other.#consumed(octets - own);
  }

  #consumed(octets: number): void {
    if (this.#owed !== undefined) this.#owed += octets;
    else if (octets > 0) this.end.connection.consume(this.id, octets);
  }
}

const NO_OCTETS = Buffer.alloc(0);
