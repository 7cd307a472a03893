/**
 * ASCII text that is written anew over and over, as octets: numbers and characters come in, the octets
 * stand in one array that is used again.
 *
 * What each call of a load says of itself is a text of its own. As a string it would be made of the
 * strings of two numbers, and then read again character by character: several times the cost of this.
 */

const DIGIT_ZERO = 0x30;
/** So many digits are a whole number of 31 bits. */
const PART_DIGITS = 9;
const PART_LIMIT = 1e9;

export class OctetText {
  /** The text is `bytes[0, length)`. */
  readonly bytes: Uint8Array;
  #length = 0;

  /** @param octetsMax of the longest text: what is beyond it is lost. */
  constructor(octetsMax: number) {
    this.bytes = new Uint8Array(octetsMax);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Adds a character, by its code. */
  addCharacter(code: number): void {
    this.bytes[this.#length++] = code;
  }

  /** Adds a whole number in decimal: 0 to 2^53 - 1. */
  addNumber(value: number): void {
    if (value < PART_LIMIT) {
      this.#addDigits(value, 1);
      return;
    }
    const high = Math.floor(value / PART_LIMIT);
    this.addNumber(high);
    this.#addDigits(value - high * PART_LIMIT, PART_DIGITS);
  }

  toString(): string {
    return String.fromCharCode(...this.bytes.subarray(0, this.#length));
  }

  /** @param value below `PART_LIMIT`. */
  #addDigits(value: number, digitsMin: number): void {
    let left = value | 0;
    let digits = digitsMin;
    if (digitsMin === 1) for (let limit = 10; limit <= left; limit *= 10) digits++;
    this.#length += digits;
    for (let at = this.#length - 1; digits > 0; digits--, at--) {
      const rest = (left / 10) | 0;
      this.bytes[at] = DIGIT_ZERO + left - rest * 10;
      left = rest;
    }
  }
}
