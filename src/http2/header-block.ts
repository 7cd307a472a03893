/**
 * A decoded field block: its fields, and what kind of message part they can be.
 *
 * What makes a block malformed (RFC 9113 §8.2, §8.3) is found once, when it is decoded, and kept with
 * it: the decoder gives an equal block again without decoding it, and so without checking it again.
 */
import type { HeaderField } from './header-field.js';

/** What a block's pseudo-fields make it: only trailers have none (RFC 9113 §8.1). */
export type BlockKind = 'request' | 'response' | 'trailers' | 'malformed';

/** A decoded field block. The decoder may give the same object again: it is frozen. */
export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Octets of all names and values and 32 a field: what limits are counted in (§10.5.1). */
  readonly size: number;
  readonly kind: BlockKind;
  /** The `:status` of a response, otherwise 0. A 1xx is not final (§8.1). */
  readonly status: number;
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

/** Octets that a name must not hold: control, space, upper case, DEL, and above (§8.2.1). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const WRONG_IN_NAME = /[\x00-\x20A-Z\x7f-\xff]/;
const NUL = 0x00;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

const REQUEST_PSEUDO = [':method', ':scheme', ':path', ':authority'];

/**
 * Freezes a block's fields and says what they make.
 * @param before any other block: when only values of regular fields differ from it, as in the
 *   requests of one client, only these are checked.
 */
export function headerBlock(
  fields: readonly HeaderField[],
  size: number,
  isTruncated: boolean,
  before?: HeaderBlock,
): HeaderBlock {
  const isKnown = before !== undefined && isWellFormedLike(fields, before);
  const problem = isTruncated || isKnown ? '' : problemOf(fields);
  const first = fields[0]?.name ?? '';
  const isResponse = first === ':status';
  const kind = isResponse ? 'response' : first.startsWith(':') ? 'request' : 'trailers';
  return Object.freeze({
    fields: Object.freeze(fields),
    size,
    kind: problem === '' ? kind : 'malformed',
    status: isResponse ? Number(fields[0]?.value) : 0,
    isTruncated,
    problem,
  });
}

/**
 * Whether fields are well formed because those of another block are: the same names in the same
 * order, the same pseudo-fields, and in the values that differ nothing wrong.
 */
function isWellFormedLike(fields: readonly HeaderField[], before: HeaderBlock): boolean {
  const { length } = fields;
  const known = before.fields;
  if (before.problem !== '' || before.isTruncated || known.length !== length) return false;
  for (let at = 0; at < length; at++) {
    const field = fields[at] as HeaderField;
    const like = known[at] as HeaderField;
    // What is indexed is one and the same object.
    if (field === like) continue;
    const { name, value } = field;
    if (name !== like.name) return false;
    if (value === like.value) continue;
    if (name.startsWith(':') || name === 'te' || isWrongValue(value)) return false;
  }
  return true;
}

/** A value must not hold NUL, LF or CR anywhere, nor white space at its ends (§8.2.1). */
function isWrongValue(value: string): boolean {
  const { length } = value;
  if (length === 0) return false;
  for (let at = 0; at < length; at++) {
    const octet = value.charCodeAt(at);
    if (octet <= CR && (octet === NUL || octet === LF || octet === CR)) return true;
  }
  return isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(length - 1));
}

function isBlank(octet: number): boolean {
  return octet === SPACE || octet === TAB;
}

/** Why a field list is malformed; empty when it is not. */
function problemOf(fields: readonly HeaderField[]): string {
  const pseudo = new Map<string, string>();
  let hasRegular = false;
  for (const field of fields) {
    const { name, value } = field;
    if (name.startsWith(':')) {
      if (hasRegular) return `"${name}" stands after a regular field`;
      if (pseudo.has(name)) return `"${name}" stands twice`;
      pseudo.set(name, value);
    } else {
      hasRegular = true;
      const problem = problemOfRegular(field);
      if (problem !== '') return problem;
    }
    if (isWrongValue(value)) return `the value of "${name}" holds a forbidden character`;
  }
  return problemOfPseudo(pseudo);
}

function problemOfRegular({ name, value }: HeaderField): string {
  if (name === '' || WRONG_IN_NAME.test(name) || name.includes(':')) return 'a name is not a token';
  if (CONNECTION_FIELDS.has(name)) return `"${name}" has no place in HTTP/2`;
  if (name === 'te' && value !== 'trailers') return '"te" may only say "trailers"';
  return '';
}

function problemOfPseudo(pseudo: ReadonlyMap<string, string>): string {
  if (pseudo.size === 0) return '';
  const status = pseudo.get(':status');
  if (status !== undefined) {
    if (pseudo.size > 1) return 'a response has pseudo-fields of a request';
    return /^[1-9]\d\d$/.test(status) ? '' : `":status" is "${status}"`;
  }
  for (const name of pseudo.keys()) {
    if (!REQUEST_PSEUDO.includes(name)) return `"${name}" is no pseudo-field of a request`;
  }
  const method = pseudo.get(':method') ?? '';
  if (method === '') return 'a request lacks ":method"';
  if (method === 'CONNECT') {
    const isPlain = !pseudo.has(':scheme') && !pseudo.has(':path') && pseudo.has(':authority');
    return isPlain ? '' : 'CONNECT takes ":authority" and nothing else';
  }
  if (!pseudo.get(':scheme') || !pseudo.get(':path')) return 'a request lacks ":scheme" or ":path"';
  return '';
}
