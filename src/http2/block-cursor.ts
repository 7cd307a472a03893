/**
 * Reading the primitive types of HPACK (RFC 7541 §5) off a field block: integers and strings.
 *
 * One cursor serves a decoder for its whole life, so that reading allocates nothing but the strings.
 */
import { COMPRESSION_ERROR, ConnectionError } from './error-code.js';
import { huffmanDecode } from './huffman.js';

/** Integers above this are refused: no length, index or table size of HTTP/2 needs more. */
const INTEGER_MAX = 0xffff_ffff;
/** 5 × 7 bits hold any integer that is allowed; more octets could only be zeros, sent to annoy. */
const SHIFT_MAX = 28;

/** Up to this length joining characters beats a call into the runtime. */
const SHORT_BYTES = 12;

/** Refuses a field block: the connection ends with COMPRESSION_ERROR (RFC 9113 §4.3). */
export function refuseBlock(message: string): never {
  throw new ConnectionError(COMPRESSION_ERROR, message);
}

/** The octets `bytes[start, end)` as a string of the characters 0 … 255. */
export function octetString(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_BYTES) return Buffer.prototype.latin1Slice.call(bytes, start, end);
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}

export class BlockCursor {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;
  #scratch = new Uint8Array(512);

  /** Points the cursor at a block. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** The next octet, without passing it. Only where `position < end`. */
  peek(): number {
    return this.bytes[this.position] as number;
  }

  /** An integer with a prefix of `bits` bits (§5.1); the bits above them are not looked at. */
  readInteger(bits: number): number {
    if (this.position >= this.end) refuseBlock('the block ends where an integer was due');
    const prefix = (1 << bits) - 1;
    let value = (this.bytes[this.position++] as number) & prefix;
    if (value < prefix) return value;
    for (let shift = 0; ; shift += 7) {
      if (this.position >= this.end) refuseBlock('the block ends within an integer');
      const octet = this.bytes[this.position++] as number;
      // Not `<<`: five octets make more than 31 bits.
      value += (octet & 0x7f) * 2 ** shift;
      if (value > INTEGER_MAX) refuseBlock('an integer is too large');
      if (octet < 0x80) return value;
      if (shift >= SHIFT_MAX) refuseBlock('an integer has too many octets');
    }
  }

  /** A string literal (§5.2), Huffman-coded or not, of octets as the characters 0 … 255. */
  readString(): string {
    const isHuffman = this.position < this.end && this.peek() >= 0x80;
    const length = this.readInteger(7);
    const start = this.position;
    if (length > this.end - start) refuseBlock('a string is longer than its block');
    this.position = start + length;
    if (!isHuffman) return octetString(this.bytes, start, this.position);
    if (this.#scratch.length < length * 2) this.#scratch = new Uint8Array(length * 2);
    const decoded = huffmanDecode(this.bytes, start, this.position, this.#scratch);
    if (decoded < 0) refuseBlock('a string is not in Huffman code');
    return octetString(this.#scratch, 0, decoded);
  }
}
