/**
 * ASN.1 values in DER (ITU-T X.690), as far as a certificate needs them: each function gives the
 * octets of one value, tag and length with them.
 */

/** A value of any tag: its length in the shortest form (§8.1.3, §10.1). */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const digits = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  if (length > 0xffff) throw new RangeError(`a DER value of ${length} octets`);
  return Buffer.concat([Buffer.of(tag, 0x80 | digits.length, ...digits), content]);
}

export const sequence = (...items: readonly Uint8Array[]) => der(0x30, ...items);
export const set = (...items: readonly Uint8Array[]) => der(0x31, ...items);
/** Context-specific and constructed: `[n] EXPLICIT`. */
export const explicit = (n: number, item: Uint8Array) => der(0xa0 | n, item);
export const octetString = (content: Uint8Array) => der(0x04, content);
export const bitString = (content: Uint8Array) => der(0x03, Buffer.of(0), content);
export const utf8String = (text: string) => der(0x0c, Buffer.from(text));
export const boolean = (value: boolean) => der(0x01, Buffer.of(value ? 0xff : 0));

/** A whole number of at least 0, from its octets, the highest first. */
export function unsigned(octets: Uint8Array): Buffer {
  let first = 0;
  while (first < octets.length - 1 && octets[first] === 0) first++;
  const digits = octets.subarray(first);
  // The highest bit is the sign's.
  const isNegative = ((digits[0] ?? 0) & 0x80) !== 0;
  return isNegative ? der(0x02, Buffer.of(0), digits) : der(0x02, digits);
}

/** `1.2.840.10045.2.1` (§8.19). */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, Buffer.from(octets));
}

/** To the second, UTC; GeneralizedTime, which RFC 5280 asks for from 2050 on, is not needed here. */
export function utcTime(at: Date): Buffer {
  const year = at.getUTCFullYear();
  if (year < 1950 || year > 2049) throw new RangeError(`no UTCTime has the year ${year}`);
  const digits = at.toISOString().replace(/[-:T]|\.\d+Z/g, '');
  return der(0x17, Buffer.from(`${digits.slice(2)}Z`));
}
