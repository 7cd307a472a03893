/** Changes some messages of a stream and lets the others pass: lost, doubled, or replaced. */
import { hashToUnit } from '../../base/rng.js';
import type { MessageChoice } from '../../faults/call-effect.js';
import { MESSAGE_PREFIX_BYTES } from '../../http2/grpc-message.js';
import type { HeaderBlock } from '../../http2/header-block.js';
import { type Meddler, passEnd } from '../meddler.js';
import { MessageCursor } from '../message-cursor.js';
import type { RelayStream } from '../relay-stream.js';

/** What is sent in place of a message, which comes with its prefix; octets in order. */
export type Change = (framed: Buffer) => readonly Uint8Array[];

/** A message beyond this is not collected: it passes as it is. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;
const U32 = 2 ** 32;

export class ChangedMessages implements Meddler {
  readonly #which: MessageChoice;
  readonly #change: Change;
  readonly #cursor = new MessageCursor();
  /** Pieces of a message that is to be changed. */
  #pieces: Buffer[] = [];
  #collected = 0;
  #isChosen = false;

  constructor(which: MessageChoice, change: Change) {
    this.#which = which;
    this.#change = change;
  }

  block(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    stream.passBlock(block, endStream);
  }

  data(
    stream: RelayStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    const cursor = this.#cursor;
    for (let at = start; at < end; ) {
      if (cursor.isBetween) this.#isChosen = this.#chooses(cursor.number + 1);
      const next = cursor.advance(bytes, at, end);
      if (this.#isChosen) this.#collect(stream, bytes, at, next);
      else stream.passData(bytes, at, next, false);
      at = next;
    }
    if (endStream) passEnd(stream);
  }

  #collect(stream: RelayStream, bytes: Uint8Array, start: number, end: number): void {
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    this.#collected += end - start;
    // A message may be larger than any window.
    stream.giveBack(end - start);
    const isWhole = this.#cursor.isBetween;
    if (!isWhole && this.#cursor.length + MESSAGE_PREFIX_BYTES <= MESSAGE_BYTES_MAX) return;
    const octets = Buffer.concat(this.#pieces, this.#collected);
    this.#pieces = [];
    this.#collected = 0;
    this.#isChosen = false;
    for (const piece of isWhole ? this.#change(octets) : [octets]) stream.passOwn(piece);
  }

  #chooses(number: number): boolean {
    const which = this.#which;
    if ('nth' in which) return number === which.nth;
    return hashToUnit(Math.floor(which.draw * U32), number) < which.share;
  }
}
