/**
 * Blocks that were decoded before, by their octets.
 *
 * Replies of one method differ in nothing but the stream: their header blocks and trailers are the
 * same few octets over and over. While the dynamic table is unchanged equal octets mean equal
 * fields, so comparing them replaces decoding. A few places suffice, each found by length and last
 * octet; a block that changed the table is never kept, for reading it again would change it again.
 */
import type { HeaderBlock } from './header-block.js';

/** Longer blocks cost more to compare than they are likely to recur. */
const BLOCK_BYTES_MAX = 128;
/** A power of two. */
const PLACES = 16;

export class BlockCache {
  #octets = new Uint8Array(PLACES * BLOCK_BYTES_MAX);
  #lengths = new Int32Array(PLACES);
  #generations = new Float64Array(PLACES).fill(-1);
  #blocks: (HeaderBlock | undefined)[] = new Array(PLACES).fill(undefined);

  /** The block that these octets gave under this generation of the table. */
  find(bytes: Uint8Array, start: number, end: number, generation: number): HeaderBlock | undefined {
    const length = end - start;
    if (length === 0 || length > BLOCK_BYTES_MAX) return undefined;
    const place = placeOf(length, bytes[end - 1] as number);
    if (this.#lengths[place] !== length || this.#generations[place] !== generation) {
      return undefined;
    }
    const octets = this.#octets;
    const base = place * BLOCK_BYTES_MAX - start;
    // From the end: blocks of one method differ in their last fields.
    for (let at = end - 1; at >= start; at--) {
      if (octets[base + at] !== bytes[at]) return undefined;
    }
    return this.#blocks[place];
  }

  /** Keeps a block in place of the one that has its place. */
  keep(
    bytes: Uint8Array,
    start: number,
    end: number,
    generation: number,
    block: HeaderBlock,
  ): void {
    const length = end - start;
    if (length === 0 || length > BLOCK_BYTES_MAX) return;
    const place = placeOf(length, bytes[end - 1] as number);
    this.#octets.set(bytes.subarray(start, end), place * BLOCK_BYTES_MAX);
    this.#lengths[place] = length;
    this.#generations[place] = generation;
    this.#blocks[place] = block;
  }
}

function placeOf(length: number, lastOctet: number): number {
  return (length ^ (lastOctet * 5)) & (PLACES - 1);
}
