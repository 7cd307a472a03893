/**
 * What came for a stream and cannot leave yet: octets, and perhaps the trailers behind them. The other
 * side gets no window back for what stands here, so that at most a window's worth ever does.
 */
import type { HeaderBlock } from '../http2/header-block.js';

export class HeldOctets {
  readonly #chunks: Buffer[] = [];
  /** Of the first chunk so many octets are gone. */
  #gone = 0;
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
    if (start === end) return;
    // From the pool of small buffers: most of what waits is a message or less.
    this.#chunks.push(Buffer.from(bytes.subarray(start, end)));
    this.bytes += end - start;
  }

  /** The next octets to go; undefined when none wait. */
  get first(): Buffer | undefined {
    const first = this.#chunks[0];
    return this.#gone === 0 ? first : first?.subarray(this.#gone);
  }

  /** Whether `first` is all that waits. */
  get isLast(): boolean {
    return this.#chunks.length <= 1;
  }

  /** So many octets of `first` are gone. */
  sent(octets: number): void {
    this.bytes -= octets;
    this.#gone += octets;
    if (this.#gone < (this.#chunks[0]?.length ?? 0)) return;
    this.#chunks.shift();
    this.#gone = 0;
  }
}
