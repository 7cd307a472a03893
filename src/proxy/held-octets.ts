/**
 * What came for a stream and cannot leave yet: octets, and perhaps the trailers behind them. The other
 * side gets no window back for what stands here, so that at most a window's worth ever does.
 */
import type { HeaderBlock } from '../http2/header-block.js';

/** What follows is gathered in chunks as large as what waits already, up to this. */
const CHUNK_BYTES_MAX = 16_384;

export class HeldOctets {
  readonly #chunks: Buffer[] = [];
  /** Of the first chunk so many octets are gone, of the last so many are filled. */
  #gone = 0;
  #filled = 0;
  /** Octets that wait. */
  bytes = 0;
  /** The stream ends after the last octet. */
  endStream = false;
  /** The stream ends with these after the last octet. */
  trailers: HeaderBlock | undefined;
  /** Done after the last octet. */
  after: (() => void) | undefined;

  /** Keeps a copy of `bytes[start, end)`. */
  add(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    const last = this.#chunks.at(-1);
    if (last !== undefined) {
      // A peer may send an octet a frame: a buffer for each would be a hundred times as large.
      const next = Math.min(at + last.length - this.#filled, end);
      last.set(bytes.subarray(at, next), this.#filled);
      this.#filled += next - at;
      at = next;
    }
    if (at < end) this.#addChunk(bytes, at, end);
    this.bytes += end - start;
  }

  #addChunk(bytes: Uint8Array, start: number, end: number): void {
    const room = Math.max(end - start, Math.min(this.bytes, CHUNK_BYTES_MAX));
    // The first is as small as it can be: most of what waits is a message or less.
    const chunk = Buffer.allocUnsafe(room);
    chunk.set(bytes.subarray(start, end));
    this.#chunks.push(chunk);
    this.#filled = end - start;
  }

  /** The next octets to go; undefined when none wait. */
  get first(): Buffer | undefined {
    return this.#chunks[0]?.subarray(this.#gone, this.#firstEnd);
  }

  get #firstEnd(): number {
    return this.isLast ? this.#filled : (this.#chunks[0]?.length ?? 0);
  }

  /** Whether `first` is all that waits. */
  get isLast(): boolean {
    return this.#chunks.length <= 1;
  }

  /** So many octets of `first` are gone. */
  sent(octets: number): void {
    this.bytes -= octets;
    this.#gone += octets;
    if (this.#gone < this.#firstEnd) return;
    this.#chunks.shift();
    this.#gone = 0;
  }
}
