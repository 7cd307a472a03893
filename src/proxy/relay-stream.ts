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
import { HeldOctets } from './held-octets.js';
import type { RelayEnd } from './relay-end.js';

export class RelayStream {
  readonly end: RelayEnd;
  /** 0 until it is started. */
  id = 0;
  slot = -1;
  /** The other stream of the call. */
  other: RelayStream;
  /** It is gone: nothing can be sent on it any more. */
  isOver = false;
  /** A response has begun on it. */
  hasResponse = false;
  #held: HeldOctets | undefined;

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
    if (this.isOver) return;
    if (this.id !== 0 && this.#held === undefined) {
      this.end.sendBlock(this, block, endStream);
      return;
    }
    this.#held ??= new HeldOctets();
    this.#held.trailers = block;
  }

  /** Sends octets that came on the other stream. */
  sendData(bytes: Uint8Array, start: number, end: number, endStream: boolean): void {
    if (this.isOver) {
      this.#giveBack(end - start);
      return;
    }
    let at = start;
    if (this.#held === undefined && this.id !== 0 && !this.end.isCongested) {
      const { connection } = this.end;
      const taken = connection.sendData(this.id, bytes, start, end, endStream, this.slot);
      // What cannot be sent any more is of no use to anybody.
      const done = taken < 0 ? end - start : taken;
      if (done > 0) this.#giveBack(done);
      at += done;
      if (at === end) return;
    }
    this.#held ??= new HeldOctets();
    const held = this.#held;
    held.add(bytes, at, end);
    held.endStream = endStream;
    if (this.end.isCongested) this.end.onceDrained(this);
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
      if (taken > 0) this.#giveBack(taken);
      if (taken < first.length) return;
      if (held.bytes === 0) break;
    }
    this.#held = undefined;
    if (held.trailers !== undefined) this.end.sendBlock(this, held.trailers, true);
  }

  /** Ends it before its time; the peer is told with an HTTP/2 error code. */
  reset(code: number): void {
    if (this.isOver) return;
    if (this.id === 0) this.over();
    else this.end.connection.reset(this.id, code);
  }

  /** It is gone. */
  over(): void {
    this.isOver = true;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && held.bytes > 0) this.#giveBack(held.bytes);
  }

  #giveBack(octets: number): void {
    const { end, id } = this.other;
    end.connection.consume(id, octets);
  }
}

const NO_OCTETS = Buffer.alloc(0);
