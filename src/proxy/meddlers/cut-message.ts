/** Ends a stream in the middle of one of its messages. */
import type { HeaderBlock } from '../../http2/header-block.js';
import { type Meddler, passEnd } from '../meddler.js';
import { MessageCursor } from '../message-cursor.js';
import type { RelayStream } from '../relay-stream.js';

export class CutMessage implements Meddler {
  readonly #number: number;
  readonly #onCut: () => void;
  readonly #cursor = new MessageCursor();
  #isCut = false;

  /** @param number of the message, counted from 1. @param onCut what comes after is of no use. */
  constructor(number: number, onCut: () => void) {
    this.#number = number;
    this.#onCut = onCut;
  }

  block(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    if (!this.#isCut) stream.passBlock(block, endStream);
  }

  data(
    stream: RelayStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    if (this.#isCut) {
      stream.giveBack(end - start);
      return;
    }
    const cursor = this.#cursor;
    for (let at = start; at < end; ) {
      const next = cursor.advance(bytes, at, end);
      if (cursor.number === this.#number) {
        // All but the last octet of what is there: at least its prefix begins, and never does it end.
        const kept = cursor.isBetween ? next - 1 : next;
        stream.passData(bytes, at, kept, false);
        if (!cursor.isBetween) return;
        this.#isCut = true;
        stream.giveBack(end - kept);
        passEnd(stream);
        this.#onCut();
        return;
      }
      stream.passData(bytes, at, next, false);
      at = next;
    }
    if (endStream) passEnd(stream);
  }
}
