/** Lets an answer pass up to a moment, does something then, and lets nothing more pass. */
import type { AnswerMoment } from '../../faults/call-effect.js';
import type { HeaderBlock } from '../../http2/header-block.js';
import type { Meddler } from '../meddler.js';
import { MessageCursor } from '../message-cursor.js';
import type { RelayStream } from '../relay-stream.js';

export class AtMoment implements Meddler {
  readonly #moment: AnswerMoment;
  readonly #act: (stream: RelayStream) => void;
  readonly #cursor = new MessageCursor();
  #isDone = false;

  /** @param act once, when all that was to pass has left. */
  constructor(moment: AnswerMoment, act: (stream: RelayStream) => void) {
    this.#moment = moment;
    this.#act = act;
  }

  block(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    if (this.#isDone) return;
    const isHead = block.kind === 'response' && block.status >= 200;
    const moment = this.#moment;
    if ((isHead && moment === 'headers') || (endStream && moment === 'trailers')) {
      this.#fire(stream);
      return;
    }
    stream.passBlock(block, endStream);
    if (isHead && !endStream && moment === 'after-headers') this.#fire(stream);
  }

  data(
    stream: RelayStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    const moment = this.#moment;
    let at = start;
    if (typeof moment === 'object') {
      while (at < end && !this.#isDone) {
        const next = this.#cursor.advance(bytes, at, end);
        stream.passData(bytes, at, next, false);
        at = next;
        if (this.#cursor.number === moment.messages && this.#cursor.isBetween) this.#fire(stream);
      }
      if (at === end && !endStream) return;
    }
    if (this.#isDone) stream.giveBack(end - at);
    else stream.passData(bytes, at, end, endStream);
  }

  #fire(stream: RelayStream): void {
    this.#isDone = true;
    stream.afterHeld(() => this.#act(stream));
  }
}
