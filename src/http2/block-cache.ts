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
const BLOCK_BYTES_MAX = 1_024;
const NO_OCTETS = new Uint8Array(0);
/** A power of two. */
const PLACES = 16;

export class BlockCache {
  readonly #octets: Uint8Array[] = new Array(PLACES).fill(NO_OCTETS);
  #generations = new Float64Array(PLACES).fill(-1);
  #isFirstUse = new Uint8Array(PLACES);
  #blocks: (HeaderBlock | undefined)[] = new Array(PLACES).fill(undefined);

  /** The block that these octets gave under this generation of the table. */
  find(bytes: Uint8Array, start: number, end: number, generation: number): HeaderBlock | undefined {
    const length = end - start;
    if (length === 0 || length > BLOCK_BYTES_MAX) return undefined;
    const place = placeOf(length, bytes[end - 1] as number);
    const octets = this.#octets[place] as Uint8Array;
    if (octets.length !== length || this.#generations[place] !== generation) return undefined;
    // From the end: blocks of one method differ in their last fields.
    for (let at = length - 1; at >= 0; at--) {
      if (octets[at] !== bytes[start + at]) return undefined;
    }
    const block = this.#blocks[place];
    // Shared from now on. Freezing costs more than decoding: only what recurs is worth it.
    if (block !== undefined && this.#isFirstUse[place] === 1) this.#freeze(place, block);
    return block;
  }

  #freeze(place: number, block: HeaderBlock): void {
    this.#isFirstUse[place] = 0;
    Object.freeze(block);
    Object.freeze(block.fields);
    for (const field of block.fields) Object.freeze(field);
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
    let octets = this.#octets[place] as Uint8Array;
    if (octets.length !== length) {
      octets = new Uint8Array(length);
      this.#octets[place] = octets;
    }
    for (let at = 0; at < length; at++) octets[at] = bytes[start + at] as number;
    this.#isFirstUse[place] = 1;
    this.#generations[place] = generation;
    this.#blocks[place] = block;
  }
}

function placeOf(length: number, lastOctet: number): number {
  return (length ^ (lastOctet * 5)) & (PLACES - 1);
}
