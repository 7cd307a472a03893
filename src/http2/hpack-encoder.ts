/**
 * HPACK encoding (RFC 7541 §6): fields in, a field block appended to an output buffer.
 *
 * Three ways to send a field: by index or into the table (what recurs), as a literal beside the table
 * (what changes with every call would only push useful entries out), and never indexed (secrets,
 * §7.1.3). The field's own `neverIndexed` decides first, then the encoder's policy by name.
 */
import { DynamicTable } from './dynamic-table.js';
import { fieldSize, type HeaderField, headerField } from './header-field.js';
import { huffmanEncode, huffmanLength } from './huffman.js';
import type { OutputBuffer } from './output-buffer.js';
import { STATIC_COUNT, STATIC_TABLE } from './static-table.js';

/** How a field goes: through the table, beside it, or never through any (RFC 7541 §6.2). */
export type Indexing = 'table' | 'literal' | 'never';

/** Which way fields of a name go. */
export type IndexingPolicy = (name: string) => Indexing;

const NEVER = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);
/** Values that differ from call to call. */
const VARYING = new Set([
  'age',
  'content-length',
  'date',
  'etag',
  'grpc-message',
  'grpc-status-details-bin',
  'grpc-tags-bin',
  'grpc-timeout',
  'grpc-trace-bin',
  'if-modified-since',
  'if-none-match',
  'last-modified',
  'location',
  'squall-call',
  'traceparent',
  'tracestate',
  'x-request-id',
]);

/** Secrets never, what varies per call beside the table, the rest through it. */
export const defaultIndexing: IndexingPolicy = (name) =>
  NEVER.has(name) ? 'never' : VARYING.has(name) ? 'literal' : 'table';

/** Where a name and its values stand: static indices, or insertion numbers of the dynamic table. */
interface NameEntry {
  /** Index of a static field of this name, 0 when there is none. */
  staticIndex: number;
  /** Number of the newest insertion of this name, -1 when there was none. */
  inserted: number;
  /** A positive static index, or -1 - the insertion's number. */
  readonly values: Map<string, number>;
}

export interface HpackEncoderOptions {
  readonly indexing?: IndexingPolicy;
  /** The largest table this end keeps, whatever the peer allows, in octets: 4,096 unless told. */
  readonly tableSizeMax?: number;
}

/** A field takes at most this many octets beside its strings: two lengths and an index. */
const FIELD_FRAMING_BYTES = 18;

export class HpackEncoder {
  readonly #table: DynamicTable;
  readonly #indexing: IndexingPolicy;
  readonly #tableSizeMax: number;
  readonly #names = new Map<string, NameEntry>();
  /** Sizes to announce at the next block's beginning: the smallest since the last, and the last. */
  #updateMin = -1;
  #updateLast = -1;

  constructor({ indexing = defaultIndexing, tableSizeMax = 4_096 }: HpackEncoderOptions = {}) {
    this.#indexing = indexing;
    this.#tableSizeMax = tableSizeMax;
    // Until the peer says otherwise its table holds 4,096 octets (RFC 9113 §6.5.2).
    this.#table = new DynamicTable(4_096);
    if (tableSizeMax < 4_096) this.setTableSizeLimit(4_096);
    for (let index = 1; index <= STATIC_COUNT; index++) {
      const field = STATIC_TABLE[index];
      if (field === undefined) continue;
      const entry = this.#nameEntry(field.name);
      if (entry.staticIndex === 0) entry.staticIndex = index;
      entry.values.set(field.value, index);
    }
  }

  /** Changes whenever equal fields could give other octets. */
  get generation(): number {
    return this.#table.generation;
  }

  /** The next block begins with a size update, and the one after it does not. */
  get isUpdateDue(): boolean {
    return this.#updateLast >= 0;
  }

  /** Octets that the dynamic table holds now. */
  get tableSize(): number {
    return this.#table.size;
  }

  /**
   * The peer's SETTINGS_HEADER_TABLE_SIZE. The next block says what became of the table; when it
   * shrank and grew again in between, it says both (§4.2).
   */
  setTableSizeLimit(octets: number): void {
    const size = Math.min(octets, this.#tableSizeMax);
    if (size === this.#table.sizeMax && this.#updateLast < 0) return;
    this.#updateMin = this.#updateMin < 0 ? size : Math.min(this.#updateMin, size);
    this.#updateLast = size;
    this.#table.resize(size);
  }

  /** Appends the block of these fields. Octets only: a character above 255 is a bug and throws. */
  encode(fields: readonly HeaderField[], out: OutputBuffer): void {
    try {
      this.beginBlock(out);
      for (const field of fields) this.encodeField(field, out);
    } catch (error) {
      this.emptyTable();
      throw error;
    }
  }

  /**
   * Empties both ends' tables with the next block: after fields that were encoded and never sent,
   * so that the ends agree again.
   */
  emptyTable(): void {
    const size = this.#table.sizeMax;
    this.#table.resize(0);
    this.#table.resize(size);
    this.#updateMin = 0;
    this.#updateLast = size;
  }

  /** Appends the size updates that are due; once, before a block's first field. */
  beginBlock(out: OutputBuffer): void {
    if (this.#updateLast < 0) return;
    if (this.#updateMin < this.#updateLast) writeInteger(out, 0x20, 5, this.#updateMin);
    writeInteger(out, 0x20, 5, this.#updateLast);
    this.#updateMin = -1;
    this.#updateLast = -1;
  }

  /** Appends one field; `indexing` overrides what the field and the policy say. */
  encodeField(field: HeaderField, out: OutputBuffer, indexing?: Indexing): void {
    const { name, value } = field;
    const way = indexing ?? (field.neverIndexed ? 'never' : this.#indexing(name));
    const entry = this.#names.get(name);
    if (entry !== undefined && way !== 'never') {
      const index = this.#indexOf(entry.values.get(value));
      if (index > 0) {
        writeInteger(out, 0x80, 7, index);
        return;
      }
    }
    const nameIndex = this.nameIndex(name);
    const isInserted = way === 'table' && fieldSize(field) <= this.#table.sizeMax;
    if (isInserted) writeInteger(out, 0x40, 6, nameIndex);
    else writeInteger(out, way === 'never' ? 0x10 : 0, 4, nameIndex);
    if (nameIndex === 0) writeString(out, name);
    writeString(out, value);
    if (isInserted) this.#insert(field);
  }

  /** The index that names a field's name now, 0 when none does. */
  nameIndex(name: string): number {
    const entry = this.#names.get(name);
    if (entry === undefined) return 0;
    return entry.staticIndex || this.#indexOf(entry.inserted < 0 ? undefined : -1 - entry.inserted);
  }

  /** The index of what `values` holds, 0 when it has been evicted. */
  #indexOf(place: number | undefined): number {
    if (place === undefined) return 0;
    if (place > 0) return place;
    const back = this.#table.inserted - 1 - (-1 - place);
    return back < this.#table.count ? STATIC_COUNT + 1 + back : 0;
  }

  #insert(field: HeaderField): void {
    const entry = this.#nameEntry(field.name);
    const number = this.#table.inserted;
    this.#table.insert(headerField(field.name, field.value));
    entry.inserted = number;
    entry.values.set(field.value, -1 - number);
    if ((number & 0xff) === 0xff) this.#forgetEvicted();
  }

  #nameEntry(name: string): NameEntry {
    let entry = this.#names.get(name);
    if (entry === undefined) {
      entry = { staticIndex: 0, inserted: -1, values: new Map() };
      this.#names.set(name, entry);
    }
    return entry;
  }

  /** Evicted fields are found out lazily; now and then the maps are swept so that they stay small. */
  #forgetEvicted(): void {
    for (const [name, entry] of this.#names) {
      for (const [value, place] of entry.values) {
        if (this.#indexOf(place) === 0) entry.values.delete(value);
      }
      if (entry.staticIndex === 0 && entry.values.size === 0) this.#names.delete(name);
    }
  }
}

/** Appends an integer behind the `pattern` bits that stand above its prefix (§5.1). */
export function writeInteger(
  out: OutputBuffer,
  pattern: number,
  prefixBits: number,
  value: number,
): void {
  const prefix = (1 << prefixBits) - 1;
  let at = out.reserve(FIELD_FRAMING_BYTES);
  const { bytes } = out;
  if (value < prefix) {
    bytes[at++] = pattern | value;
    out.trim(at);
    return;
  }
  bytes[at++] = pattern | prefix;
  let rest = value - prefix;
  while (rest >= 0x80) {
    // Not `>>>`: a value may be near 2^32.
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[at++] = rest;
  out.trim(at);
}

/** Appends a string literal, in Huffman code where that is shorter (§5.2). */
export function writeString(out: OutputBuffer, text: string): void {
  const coded = huffmanLength(text);
  // A character that is no octet has no code, and makes the sum NaN and then 0.
  if (coded < text.length && (coded > 0 || text === '')) {
    writeInteger(out, 0x80, 7, coded);
    const at = out.reserve(coded);
    huffmanEncode(text, out.bytes, at);
    return;
  }
  writeInteger(out, 0, 7, text.length);
  writeOctets(out, text);
}

/** Appends the characters of a string as octets. */
export function writeOctets(out: OutputBuffer, text: string): void {
  const at = out.reserve(text.length);
  const { bytes } = out;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new TypeError(`header text holds the character U+${code.toString(16)}`);
    bytes[at + i] = code;
  }
}
