/** The writing side of a wire stream: messages go out as the windows take them. */
import type { MessageStream } from '../../calls/channel.js';
import { framedMessage, MESSAGE_PREFIX_BYTES, putMessagePrefix } from '../../http2/grpc-message.js';
import type { WireCall } from './wire-call.js';

const NOTHING = new Uint8Array(0);
/** Where a message gets its prefix on its way to the connection's output, which copies it. */
const SCRATCH = new Uint8Array(16_384);

export class WireStream implements MessageStream {
  readonly #call: WireCall;
  /** Framed messages that the windows did not take; of the first, `#sent` octets are gone. */
  #pending: Uint8Array[] = [];
  #sent = 0;
  #pendingBytes = 0;
  #isFinished = false;
  #isEndSent = false;
  #resume: (() => void)[] = [];

  constructor(call: WireCall) {
    this.#call = call;
    call.onWritable = call.onStarted = () => this.#flush();
  }

  get writable(): boolean {
    const { connection, ended } = this.#call;
    if (ended || connection === undefined || this.#pending.length > 0) return false;
    return connection.windowOf(this.#call) > 0;
  }

  get bufferedBytes(): number {
    return this.#pendingBytes;
  }

  write(message: Buffer): void {
    if (this.#call.ended || this.#isFinished) return;
    if (this.#pending.length === 0 && this.#sendNow(message)) return;
    const framed = framedMessage(message);
    this.#pending.push(framed);
    this.#pendingBytes += framed.length;
    this.#flush();
  }

  /** The way of nearly all messages: whole, at once, without an object made. */
  #sendNow(message: Buffer): boolean {
    const { connection } = this.#call;
    const length = MESSAGE_PREFIX_BYTES + message.length;
    if (connection === undefined || length > SCRATCH.length) return false;
    if (connection.windowOf(this.#call) < length) return false;
    putMessagePrefix(SCRATCH, 0, message.length, false);
    SCRATCH.set(message, MESSAGE_PREFIX_BYTES);
    return connection.send(this.#call, SCRATCH, 0, length, false) === length;
  }

  onceWritable(resume: () => void): void {
    this.#resume.push(resume);
  }

  finish(): void {
    this.#isFinished = true;
    this.#flush();
  }

  #flush(): void {
    const { connection } = this.#call;
    if (connection === undefined) return;
    for (;;) {
      const first = this.#pending[0];
      if (first === undefined) break;
      const isLast = this.#isFinished && this.#pending.length === 1;
      const taken = connection.send(this.#call, first, this.#sent, first.length, isLast);
      if (taken < 0) return;
      this.#pendingBytes -= taken;
      this.#sent += taken;
      if (this.#sent < first.length) return;
      this.#pending.shift();
      this.#sent = 0;
      if (isLast) this.#isEndSent = true;
    }
    if (this.#isFinished && !this.#isEndSent) {
      this.#isEndSent = true;
      connection.send(this.#call, NOTHING, 0, 0, true);
    }
    const resume = this.#resume;
    if (resume.length === 0) return;
    this.#resume = [];
    for (const one of resume) one();
  }
}
