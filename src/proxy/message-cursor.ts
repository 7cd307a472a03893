/**
 * Where messages begin and end in the octets of a stream, however they come in pieces; nothing is kept
 * of them (their form: http2/grpc-message.ts).
 */
import { MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';

export class MessageCursor {
  /** The message that the last piece was of, counted from 1. */
  number = 0;
  /** Octets of that message, without its prefix, as far as its prefix was read. */
  length = 0;
  #prefixLeft = 0;
  #left = 0;

  /** The next octet is a message's first. */
  get isBetween(): boolean {
    return this.#prefixLeft === 0 && this.#left === 0;
  }

  /**
   * Reads octets of one message.
   * @returns where in `bytes[start, end)` it ends, or `end` when it does not; `isBetween` tells which.
   */
  advance(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (at < end && this.isBetween) {
      this.number++;
      this.length = 0;
      this.#prefixLeft = MESSAGE_PREFIX_BYTES;
    }
    while (at < end && this.#prefixLeft > 0) {
      // The first octet of the prefix is a flag, the others are the length.
      if (this.#prefixLeft < MESSAGE_PREFIX_BYTES) {
        this.length = this.length * 256 + (bytes[at] as number);
      }
      this.#prefixLeft--;
      at++;
      if (this.#prefixLeft === 0) this.#left = this.length;
    }
    const taken = Math.min(this.#left, end - at);
    this.#left -= taken;
    return at + taken;
  }
}
