/** This end's PINGs that wait for their answer (RFC 9113 §6.7). */
import type { ConnectionCore } from './connection-core.js';
import { readUint32, writeUint32 } from './frame.js';
import { writePing } from './frame-writer.js';

/** Called with the round-trip time in nanoseconds. */
export type PingAnswer = (roundTripNs: number) => void;

/** More waiting than this make no sense, and are not sent. */
const WAITING_MAX = 64;

export class PingBook {
  readonly #core: ConnectionCore;
  readonly #waiting = new Map<number, { readonly sentNs: number; readonly answer: PingAnswer }>();
  readonly #payload = Buffer.from('squall..', 'latin1');
  #count = 0;

  constructor(core: ConnectionCore) {
    this.#core = core;
  }

  /** PINGs sent so far. */
  get sentCount(): number {
    return this.#count;
  }

  /** Sends a PING. @returns whether it did: not while too many wait already. */
  send(answer: PingAnswer): boolean {
    if (this.#waiting.size >= WAITING_MAX) return false;
    this.#count = (this.#count + 1) >>> 0;
    writeUint32(this.#payload, 4, this.#count);
    this.#waiting.set(this.#count, { sentNs: this.#core.now(), answer });
    writePing(this.#core.output, false, this.#payload, 0);
    this.#core.appended();
    return true;
  }

  /** An answer came. One to no question is ignored: it does no harm. */
  acknowledged(bytes: Uint8Array, start: number): void {
    const key = readUint32(bytes, start + 4);
    const question = this.#waiting.get(key);
    if (question === undefined || readUint32(bytes, start) !== readUint32(this.#payload, 0)) return;
    this.#waiting.delete(key);
    question.answer(this.#core.now() - question.sentNs);
  }
}
