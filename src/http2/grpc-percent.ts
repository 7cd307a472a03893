/**
 * The coding of `grpc-message`: UTF-8, with every octet outside printable ASCII and the percent sign
 * itself as `%XX` (the gRPC documentation, doc/PROTOCOL-HTTP2.md, "Status-Message").
 */

/** What goes as it is: space to `~` without `%`. */
const NEEDS_CODING = /[^\x20-\x24\x26-\x7e]/;
const PERCENT = 0x25;

/** A status message as a field value. */
export function encodePercent(message: string): string {
  if (!NEEDS_CODING.test(message)) return message;
  let coded = '';
  for (const octet of Buffer.from(message, 'utf8')) {
    const isPlain = octet >= 0x20 && octet <= 0x7e && octet !== PERCENT;
    coded += isPlain
      ? String.fromCharCode(octet)
      : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return coded;
}

/**
 * The status message of a field value. It is never an error: what is not a valid `%XX` stays as it
 * is, and what is not UTF-8 becomes U+FFFD.
 */
export function decodePercent(value: string): string {
  if (!value.includes('%') && !NEEDS_CODING.test(value)) return value;
  const octets = Buffer.from(value, 'latin1');
  let length = 0;
  for (let at = 0; at < octets.length; at++) {
    const isCoded = octets[at] === PERCENT && /^[\da-f]{2}$/i.test(value.slice(at + 1, at + 3));
    octets[length++] = isCoded
      ? Number.parseInt(value.slice(at + 1, at + 3), 16)
      : (octets[at] ?? 0);
    if (isCoded) at += 2;
  }
  return octets.toString('utf8', 0, length);
}
