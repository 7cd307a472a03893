/**
 * The dynamic table (RFC 7541 §2.3.2 and §4): a ring of fields, the newest first, whose sizes never
 * sum up to more than `sizeMax`. Encoder and decoder each own one, which is to stay equal to the
 * peer's at every block's end.
 */
import { fieldSize, type HeaderField } from './header-field.js';

/** A table's ring begins with this many places (a power of two) and doubles as needed. */
const PLACES_FIRST = 64;

export class DynamicTable {
  /** Changes with every change of the table: equal generation, equal content. */
  generation = 0;
  /** How many fields were ever inserted; field number n (from 0) is `inserted - n` places back. */
  inserted = 0;
  /** How many fields there are. */
  count = 0;
  /** Sum of the fields' sizes, in octets. */
  size = 0;
  /** The sum that it may reach, in octets. */
  sizeMax: number;
  #ring: (HeaderField | undefined)[] = new Array(PLACES_FIRST).fill(undefined);

  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
  }

  /** The field that was inserted `back` insertions ago: 0 is the newest. */
  at(back: number): HeaderField | undefined {
    if (back >= this.count) return undefined;
    return this.#ring[(this.inserted - 1 - back) & (this.#ring.length - 1)];
  }

  /** Inserts a field after making room; one larger than the table empties it (§4.4). */
  insert(field: HeaderField): void {
    const size = fieldSize(field);
    this.#evictTo(this.sizeMax - size);
    this.generation++;
    if (size > this.sizeMax) return;
    if (this.count === this.#ring.length) this.#grow();
    this.#ring[this.inserted & (this.#ring.length - 1)] = field;
    this.inserted++;
    this.count++;
    this.size += size;
  }

  /** Changes the limit; what no longer fits is evicted at once (§4.3). */
  resize(sizeMax: number): void {
    this.sizeMax = sizeMax;
    this.generation++;
    this.#evictTo(sizeMax);
  }

  #evictTo(size: number): void {
    while (this.count > 0 && this.size > size) {
      const place = (this.inserted - this.count) & (this.#ring.length - 1);
      const oldest = this.#ring[place];
      this.#ring[place] = undefined;
      this.count--;
      this.size -= oldest === undefined ? 0 : fieldSize(oldest);
    }
  }

  #grow(): void {
    const fields = Array.from({ length: this.count }, (_, back) => this.at(back));
    const mask = this.#ring.length * 2 - 1;
    this.#ring = new Array(mask + 1).fill(undefined);
    fields.forEach((field, back) => {
      this.#ring[(this.inserted - 1 - back) & mask] = field;
    });
  }
}
