/** Keeps the messages of a stream to a rate. What waits is given back to no window: the sender waits too. */
import { callAt, type NowNs } from '../../base/clock.js';
import type { HeaderBlock } from '../../http2/header-block.js';
import { Pace } from '../../targets/pace.js';
import { HeldOctets } from '../held-octets.js';
import { type Meddler, passEnd } from '../meddler.js';
import { MessageCursor } from '../message-cursor.js';
import type { RelayStream } from '../relay-stream.js';

export class PacedMessages implements Meddler {
  readonly #pace: Pace;
  readonly #now: NowNs;
  readonly #cursor = new MessageCursor();
  #held = new HeldOctets();
  #isPaced = true;
  #isWaiting = false;
  #stream: RelayStream | undefined;
  #cancel = () => {};

  constructor(intervalNs: number, now: NowNs) {
    this.#pace = new Pace(intervalNs);
    this.#now = now;
  }

  /** Sends all that waits, and the rest as it comes. */
  letGo(): void {
    this.#isPaced = false;
    this.#isWaiting = false;
    this.#cancel();
    this.#drain(false);
  }

  block(stream: RelayStream, block: HeaderBlock, endStream: boolean): void {
    this.#stream = stream;
    if (endStream && this.#held.bytes > 0) this.#held.trailers = block;
    else stream.passBlock(block, endStream);
  }

  data(
    stream: RelayStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    this.#stream = stream;
    this.#held.add(bytes, start, end);
    this.#held.endStream = endStream;
    if (!this.#isWaiting) this.#drain(false);
  }

  over(): void {
    this.#cancel();
    this.#stream?.giveBack(this.#held.bytes);
    this.#held = new HeldOctets();
  }

  #drain(hasWaited: boolean): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    let isFirst = hasWaited;
    for (;;) {
      const { first } = this.#held;
      if (first === undefined) break;
      if (this.#cursor.isBetween && this.#isPaced) {
        const nowNs = this.#now();
        if (this.#pace.nextNs > nowNs) {
          this.#wait();
          return;
        }
        this.#pace.leaves(nowNs, isFirst);
        isFirst = false;
      }
      const end = this.#cursor.advance(first, 0, first.length);
      this.#held.sent(end);
      stream.passData(first, 0, end, false);
    }
    const { trailers, endStream } = this.#held;
    this.#held = new HeldOctets();
    if (trailers !== undefined) stream.passBlock(trailers, true);
    else if (endStream) passEnd(stream);
  }

  #wait(): void {
    this.#isWaiting = true;
    const next = () => {
      this.#isWaiting = false;
      this.#drain(true);
    };
    this.#cancel = callAt(this.#pace.nextNs, next, this.#now);
  }
}
