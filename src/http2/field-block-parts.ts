/**
 * A field block that comes in several frames (RFC 9113 §4.3): its fragments joined, within bounds.
 *
 * A peer may go on sending CONTINUATION for ever; what is held of it ends at a number of octets and
 * of frames, whichever comes first, and with it the connection (§10.5).
 */
import { ConnectionError, ENHANCE_YOUR_CALM } from './error-code.js';

export class FieldBlockParts {
  /** The stream whose block is open; 0 when none is. */
  streamId = 0;
  /** Whether the HEADERS frame carried END_STREAM. */
  endStream = false;
  /** The fragments so far are `bytes[0, length)`; after `finish` they are there until `begin`. */
  bytes = new Uint8Array(1_024);
  length = 0;
  #continuations = 0;
  readonly #bytesMax: number;
  readonly #continuationsMax: number;

  constructor(bytesMax = 131_072, continuationsMax = 64) {
    this.#bytesMax = bytesMax;
    this.#continuationsMax = continuationsMax;
  }

  /** Opens a block with the fragment of its HEADERS frame. */
  begin(streamId: number, endStream: boolean, bytes: Uint8Array, start: number, end: number): void {
    this.streamId = streamId;
    this.endStream = endStream;
    this.length = 0;
    this.#continuations = 0;
    this.#append(bytes, start, end);
  }

  /** Adds the fragment of a CONTINUATION frame. */
  add(bytes: Uint8Array, start: number, end: number): void {
    this.#continuations++;
    if (this.#continuations > this.#continuationsMax) {
      throw new ConnectionError(ENHANCE_YOUR_CALM, 'a field block comes in too many frames');
    }
    this.#append(bytes, start, end);
  }

  /** Closes the block: what comes next need not be a CONTINUATION. */
  finish(): void {
    this.streamId = 0;
    this.length = 0;
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.#bytesMax) {
      throw new ConnectionError(ENHANCE_YOUR_CALM, 'a field block is too large');
    }
    if (length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length = length;
  }
}
