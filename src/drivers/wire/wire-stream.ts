/**
 * A wire stream as kinds of calls know it: messages go out as the windows take them; those that come
 * are the call's business.
 */
import { statusCode } from '../../base/status.js';
import type { DuplexStream } from '../../calls/channel.js';
import { formatMessage } from './message-format.js';
import type { SendingSide, WireCall } from './wire-call.js';

const RESOURCE_EXHAUSTED = statusCode('RESOURCE_EXHAUSTED');
const NOTHING = new Uint8Array(0);

export class WireStream implements DuplexStream, SendingSide {
  readonly #call: WireCall;
  /** Messages go out as they are, whatever their size. */
  readonly #isPlain: boolean;
  /** Framed messages that the windows did not take; of the first, `#sent` octets are gone. */
  #pending: Uint8Array[] = [];
  #sent = 0;
  #pendingBytes = 0;
  #isFinished = false;
  #isEndSent = false;
  #isRefused = false;
  #resume: (() => void)[] = [];

  constructor(call: WireCall) {
    this.#call = call;
    this.#isPlain = call.request.head.format.isPlain;
    call.sending = this;
  }

  onWritable(): void {
    this.#flush();
  }

  onStarted(): void {
    // On the stream of another attempt nothing was sent yet.
    this.#isEndSent = this.#isRefused;
    this.#flush();
  }

  get writable(): boolean {
    const { connection, ended } = this.#call;
    if (ended || connection === undefined || this.#pending.length > 0) return false;
    return !connection.isCongested;
  }

  get bufferedBytes(): number {
    return this.#pendingBytes;
  }

  write(message: Buffer): boolean {
    const { connection, ended, request } = this.#call;
    if (ended || this.#isFinished) return false;
    // The way of nearly all: whole, at once, without an object made.
    if (this.#isPlain && this.#pending.length === 0 && connection !== undefined) {
      const left = connection.sendMessage(this.#call, message);
      if (left >= 0) {
        this.#call.isRepeatable = false;
        return !connection.isCongested;
      }
    }
    const { format } = request.head;
    if (message.length > format.sendBytesMax) {
      this.#refuse();
      return false;
    }
    const framed = formatMessage(message, format);
    this.#pending.push(framed);
    this.#pendingBytes += framed.length;
    this.#flush();
    return this.writable;
  }

  /** A message too large to be sent ends the call, and nothing is said after it. */
  #refuse(): void {
    this.#isFinished = this.#isRefused = this.#isEndSent = true;
    setImmediate(() => this.#call.stop(RESOURCE_EXHAUSTED));
  }

  onceWritable(resume: () => void): void {
    this.#resume.push(resume);
    // Where no message waits for a window, nothing would flush.
    if (this.#pending.length === 0) queueMicrotask(() => this.#flush());
  }

  pauseReading(): void {
    this.#call.pauseReading();
  }

  resumeReading(): void {
    this.#call.resumeReading();
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
      // Messages that were sent are not kept: what is left of them would be another request.
      if (taken > 0) this.#call.isRepeatable = false;
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
    if (connection.isCongested) {
      connection.onceDrained(this.#call);
      return;
    }
    this.#resume = [];
    for (const one of resume) one();
  }
}
