/**
 * A decoded field block: its fields, and what kind of message part they can be.
 *
 * What makes a block malformed (RFC 9113 §8.2, §8.3) is found once, when it is decoded, and kept with
 * it: the decoder gives an equal block again without decoding it, and so without checking it again.
 * What a field alone can have wrong is found when it is read, not each time a table gives it.
 */
import type { HeaderField } from './header-field.js';

/** What a block's pseudo-fields make it: only trailers have none (RFC 9113 §8.1). */
export type BlockKind = 'request' | 'response' | 'trailers' | 'malformed';

/** A decoded field block. The decoder may give the same object again, and freezes it then. */
export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Octets of all names and values and 32 a field: what limits are counted in (§10.5.1). */
  readonly size: number;
  readonly kind: BlockKind;
  /** The `:status` of a response, otherwise 0. A 1xx is not final (§8.1). */
  readonly status: number;
  /** What `content-length` says, -1 without one. */
  readonly contentLength: number;
  /** The list was larger than allowed; `fields` holds only its beginning. */
  readonly isTruncated: boolean;
  /** Why it is malformed, for the log; empty otherwise. */
  readonly problem: string;
}

/** Fields that speak of one connection and have no place in HTTP/2 (§8.2.2). */
const CONNECTION_FIELDS = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** Octets that a name must not hold: control, space, colon, upper case, DEL and above (§8.2.1). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const WRONG_IN_NAME = /[\x00-\x20:A-Z\x7f-\xff]/;
/** A value must not hold NUL, LF or CR anywhere, nor white space at its ends (§8.2.1). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const WRONG_IN_VALUE = /[\x00\n\r]|^[ \t]|[ \t]$/;

const COLON = 0x3a;

/** Pseudo-fields as bits, to see what is there and what stands twice. */
const PSEUDO_BITS: ReadonlyMap<string, number> = new Map([
  [':method', 1],
  [':scheme', 2],
  [':path', 4],
  [':authority', 8],
  [':status', 16],
]);
const [METHOD, SCHEME, PATH, AUTHORITY, STATUS] = [1, 2, 4, 8, 16];

/** What the fields make. `fieldProblem` is what is wrong with one of them alone, or empty. */
export function headerBlock(
  fields: readonly HeaderField[],
  size: number,
  isTruncated: boolean,
  fieldProblem: string,
): HeaderBlock {
  const contentLength = contentLengthOf(fields);
  const wrongLength = Number.isNaN(contentLength) ? '"content-length" is no number' : '';
  const problem = isTruncated ? '' : fieldProblem || problemOfPseudo(fields) || wrongLength;
  const first = fields.length === 0 ? '' : (fields[0] as HeaderField).name;
  const isResponse = first === ':status';
  const kind = isResponse ? 'response' : first.charCodeAt(0) === COLON ? 'request' : 'trailers';
  return {
    fields,
    size,
    kind: problem === '' ? kind : 'malformed',
    status: isResponse ? Number(fields[0]?.value) : 0,
    contentLength,
    isTruncated,
    problem,
  };
}

/** NaN for what is no number, or two that differ (RFC 9110 §8.6). */
function contentLengthOf(fields: readonly HeaderField[]): number {
  let length = -1;
  for (let i = 0; i < fields.length; i++) {
    const { name, value } = fields[i] as HeaderField;
    if (name !== 'content-length') continue;
    const said = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (length >= 0 && said !== length) return Number.NaN;
    length = said;
  }
  return length;
}

/** What is wrong with a field whatever stands beside it; empty when nothing is. */
export function problemOfField({ name, value }: HeaderField): string {
  if (WRONG_IN_VALUE.test(value)) return `the value of "${name}" holds a forbidden character`;
  if (name.charCodeAt(0) === COLON) {
    return PSEUDO_BITS.has(name) ? '' : `"${name}" is no pseudo-field`;
  }
  if (name === '' || WRONG_IN_NAME.test(name)) return 'a name is not a token';
  if (CONNECTION_FIELDS.has(name)) return `"${name}" has no place in HTTP/2`;
  if (name === 'te' && value !== 'trailers') return '"te" may only say "trailers"';
  return '';
}

/** What is wrong with the pseudo-fields as a whole (§8.3). */
function problemOfPseudo(fields: readonly HeaderField[]): string {
  let seen = 0;
  let hasRegular = false;
  let isConnect = false;
  for (let i = 0; i < fields.length; i++) {
    const { name, value } = fields[i] as HeaderField;
    if (name.charCodeAt(0) !== COLON) {
      hasRegular = true;
      continue;
    }
    const bit = PSEUDO_BITS.get(name) ?? 0;
    if (hasRegular) return `"${name}" stands after a regular field`;
    if ((seen & bit) !== 0) return `"${name}" stands twice`;
    if (bit === STATUS && !/^[1-9]\d\d$/.test(value)) return `":status" is "${value}"`;
    if (bit < AUTHORITY && value === '') return `"${name}" is empty`;
    if (bit === METHOD) isConnect = value === 'CONNECT';
    seen |= bit;
  }
  if (seen === 0 || seen === STATUS) return '';
  if ((seen & STATUS) !== 0) return '":status" stands beside the pseudo-fields of a request';
  if (isConnect) {
    return seen === (METHOD | AUTHORITY) ? '' : 'CONNECT takes ":authority" and nothing else';
  }
  const needed = METHOD | SCHEME | PATH;
  return (seen & needed) === needed ? '' : 'a request lacks ":method", ":scheme" or ":path"';
}
