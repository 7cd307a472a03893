/**
 * Literal fields that were decoded before, by their octets.
 *
 * Some servers (nginx among them) send every field as a literal each time, and put it into the table
 * anew: no two blocks then meet the same table, and each would be decoded, Huffman code and checks and
 * all, to give what the last one gave. But a literal says all by itself, unless its name is an index
 * into the dynamic table; so equal octets are the same field.
 */
import { ownOctets } from './copy-octets.js';
import type { HeaderField } from './header-field.js';

/** Longer fields cost more to compare than they are likely to recur. */
const FIELD_BYTES_MAX = 256;
/** A power of two. */
const PLACES = 64;

/** A field and what stands for it in a block. */
interface KnownField {
  readonly octets: Uint8Array;
  readonly field: HeaderField;
}

export class FieldCache {
  readonly #places: (KnownField | undefined)[] = new Array(PLACES).fill(undefined);
  /** Octets of the field that was found last. */
  length = 0;

  /** The field that begins at `start` of a block that ends at `end`; its octets are in `length`. */
  find(bytes: Uint8Array, start: number, end: number): HeaderField | undefined {
    const known = this.#places[placeOf(bytes, start)];
    if (known === undefined) return undefined;
    const { octets } = known;
    const { length } = octets;
    if (start + length > end) return undefined;
    for (let at = length - 1; at >= 0; at--) {
      if (octets[at] !== bytes[start + at]) return undefined;
    }
    this.length = length;
    return known.field;
  }

  /** Keeps a field that `bytes[start, end)` stand for, in place of the one that has its place. */
  keep(bytes: Uint8Array, start: number, end: number, field: HeaderField): void {
    if (end - start > FIELD_BYTES_MAX) return;
    this.#places[placeOf(bytes, start)] = { octets: ownOctets(bytes, start, end), field };
  }
}

/** By what a literal begins with: how it is indexed, its name, and how long its value is. */
function placeOf(bytes: Uint8Array, start: number): number {
  const [first, second, third] = [bytes[start] ?? 0, bytes[start + 1] ?? 0, bytes[start + 2] ?? 0];
  return (first ^ (second * 5) ^ (third * 11)) & (PLACES - 1);
}
