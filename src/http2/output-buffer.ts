/**
 * Where frames are written: one growing buffer per connection, handed over whole.
 *
 * All frames that one read produces are appended here and leave in one write; system calls, not
 * JavaScript, are what a call costs. Handing over swaps the buffer for another of the pool, so that
 * nothing is copied; the owner gives it back when the write is done.
 */

/** What a fresh buffer holds, and what a returned one is kept for: larger ones are let go. */
const BUFFER_BYTES = 65_536;
/** Returned buffers that one pool keeps. */
const KEPT_MAX = 16;

export class OutputBuffer {
  /** Written up to `length`; replaced when it grows or is taken, so never keep it. */
  bytes: Buffer;
  /** The same octets, for those who write several at a time. */
  view: DataView;
  length = 0;
  /** The DATA frame that was written last, while it is here: where it begins and ends. */
  dataStart = 0;
  dataEnd = -1;
  #spare: Buffer[] = [];

  /** @param firstBytes what it holds before it grows; another than the default is never pooled. */
  constructor(firstBytes = BUFFER_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(firstBytes);
    this.view = viewOf(this.bytes);
  }

  /** Makes room for `count` more octets and counts them as written. @returns where they begin. */
  reserve(count: number): number {
    const at = this.length;
    this.length = at + count;
    if (this.length > this.bytes.length) this.#grow(at);
    return at;
  }

  /** Gives back what `reserve` took too much: the last octets. */
  trim(length: number): void {
    this.length = length;
  }

  /** What was written, now the caller's until `recycle`; undefined when nothing was. */
  take(): Buffer | undefined {
    if (this.length === 0) return undefined;
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.view = viewOf(this.bytes);
    this.length = 0;
    this.dataEnd = -1;
    return taken;
  }

  /** Takes back what `take` gave, once nobody reads it any more. Giving it twice is a bug. */
  recycle(taken: Buffer): void {
    if (taken.buffer.byteLength !== BUFFER_BYTES || this.#spare.length >= KEPT_MAX) return;
    this.#spare.push(Buffer.from(taken.buffer));
  }

  #grow(used: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.length, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, used));
    // The smaller one may be of the pool's size and still good.
    this.recycle(this.bytes);
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
