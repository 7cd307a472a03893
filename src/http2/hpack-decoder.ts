/**
 * HPACK decoding (RFC 7541 §3 and §6): field blocks in, `HeaderBlock`s out.
 *
 * Every block of a connection must pass through here in order, also those of streams that nobody
 * cares for any more, or the table would no longer be the peer's. Indexed fields are given as the
 * table's own objects, so a block of indices allocates one array.
 */
import { BlockCache } from './block-cache.js';
import { BlockCursor, refuseBlock } from './block-cursor.js';
import { DynamicTable } from './dynamic-table.js';
import { FieldCache } from './field-cache.js';
import { type HeaderBlock, headerBlock, problemOfField } from './header-block.js';
import { fieldSize, type HeaderField } from './header-field.js';
import { STATIC_COUNT, STATIC_TABLE } from './static-table.js';

export interface HpackDecoderOptions {
  /** SETTINGS_HEADER_TABLE_SIZE that holds from the start, in octets: 4,096 unless told. */
  readonly tableSizeMax?: number;
  /** Largest header list, in octets as §10.5.1 of RFC 9113 counts. What exceeds it is cut off. */
  readonly listSizeMax?: number;
}

export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #cursor = new BlockCursor();
  readonly #cache = new BlockCache();
  readonly #literals = new FieldCache();
  readonly #listSizeMax: number;
  /** The limit that the acknowledged SETTINGS give; the table's own is what the peer chose below. */
  #tableSizeLimit: number;
  /** The limit fell below the table's size: the next block must begin with an update (§4.2). */
  #needsUpdate = false;
  /** Fields of the table that no message may have; nearly always there are none. */
  readonly #wrongFields = new WeakMap<HeaderField, string>();
  #hasWrongFields = false;

  constructor({ tableSizeMax = 4_096, listSizeMax = 65_536 }: HpackDecoderOptions = {}) {
    this.#tableSizeLimit = tableSizeMax;
    this.#table = new DynamicTable(tableSizeMax);
    this.#listSizeMax = listSizeMax;
  }

  /** Octets that the dynamic table holds now. */
  get tableSize(): number {
    return this.#table.size;
  }

  /** How many fields the dynamic table holds now. */
  get tableCount(): number {
    return this.#table.count;
  }

  /** The peer has acknowledged a SETTINGS_HEADER_TABLE_SIZE (RFC 7541 §4.2). */
  setTableSizeLimit(octets: number): void {
    this.#tableSizeLimit = octets;
    if (octets < this.#table.sizeMax) this.#needsUpdate = true;
  }

  /**
   * Decodes one whole field block.
   * @returns a block; for octets seen before under an unchanged table the same object, then frozen.
   * @throws ConnectionError with COMPRESSION_ERROR.
   */
  decode(bytes: Uint8Array, start: number, end: number): HeaderBlock {
    const generation = this.#table.generation;
    if (!this.#needsUpdate) {
      const known = this.#cache.find(bytes, start, end, generation);
      if (known !== undefined) return known;
    }
    const cursor = this.#cursor;
    cursor.open(bytes, start, end);
    this.#readUpdates();
    const fields: HeaderField[] = [];
    let size = 0;
    let problem = '';
    while (cursor.position < end) {
      const field = this.#readField();
      if (this.#hasWrongFields) problem ||= this.#wrongFields.get(field) ?? '';
      size += fieldSize(field);
      // Decoding goes on past the limit, for the table's sake, but nothing is kept any more.
      if (size <= this.#listSizeMax) fields.push(field);
    }
    const block = headerBlock(fields, size, size > this.#listSizeMax, problem);
    if (generation === this.#table.generation) {
      this.#cache.keep(bytes, start, end, generation, block);
    }
    return block;
  }

  /** Size updates, which may only stand at a block's beginning (§4.2). */
  #readUpdates(): void {
    const cursor = this.#cursor;
    while (cursor.position < cursor.end && (cursor.peek() & 0xe0) === 0x20) {
      const size = cursor.readInteger(5);
      if (size > this.#tableSizeLimit) refuseBlock('a table size update exceeds the limit');
      this.#table.resize(size);
      this.#needsUpdate = false;
    }
    if (this.#needsUpdate) refuseBlock('a block lacks the table size update that is due');
  }

  #readField(): HeaderField {
    const cursor = this.#cursor;
    const octet = cursor.peek();
    if (octet >= 0x80) return this.#fieldAt(cursor.readInteger(7));
    if (octet >= 0x40) {
      const field = this.#readLiteral(6, false);
      this.#table.insert(field);
      return field;
    }
    if (octet >= 0x20) refuseBlock('a table size update stands after a field');
    return this.#readLiteral(4, octet >= 0x10);
  }

  #readLiteral(prefixBits: number, neverIndexed: boolean): HeaderField {
    const cursor = this.#cursor;
    const { bytes, position: start } = cursor;
    // Only what the peer puts into its table does it expect to send again.
    const mayRecur = prefixBits === 6;
    const known = mayRecur ? this.#literals.find(bytes, start, cursor.end) : undefined;
    if (known !== undefined) {
      cursor.position = start + this.#literals.length;
      return known;
    }
    const index = cursor.readInteger(prefixBits);
    const name = index === 0 ? cursor.readString() : this.#fieldAt(index).name;
    const field: HeaderField = { name, value: cursor.readString(), neverIndexed };
    const problem = problemOfField(field);
    if (problem === '') {
      // Frozen: the same object is given again, and stands in the table meanwhile.
      if (mayRecur && index <= STATIC_COUNT) {
        this.#literals.keep(bytes, start, cursor.position, Object.freeze(field));
      }
    } else {
      this.#wrongFields.set(field, problem);
      this.#hasWrongFields = true;
    }
    return field;
  }

  #fieldAt(index: number): HeaderField {
    const field =
      index <= STATIC_COUNT ? STATIC_TABLE[index] : this.#table.at(index - STATIC_COUNT - 1);
    return field ?? refuseBlock(`there is no field ${index}`);
  }
}
