/**
 * Metadata as calls may carry it (the gRPC documentation, doc/PROTOCOL-HTTP2.md, "Custom-Metadata"):
 * what a key and a value may be, whoever gives them.
 */
import { CALL_ID_KEY } from '../base/call-id.js';

/**
 * Metadata that is sent with a call, besides what the driver adds itself. Octets under keys that end in
 * `-bin`, printable text under all others.
 */
export type CallMetadata = Readonly<Record<string, string | Uint8Array>>;

const KEY = /^[0-9a-z_.-]+$/;
const BINARY_SUFFIX = '-bin';
/** Space to tilde, none of it at either end. */
const TEXT = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;
const RESERVED_PREFIX = 'grpc-';
/** The transport's own, and ours. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-type',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  CALL_ID_KEY,
]);

export function isBinaryKey(key: string): boolean {
  return key.endsWith(BINARY_SUFFIX);
}

/** What is wrong with an entry; undefined: nothing. */
export function metadataMistake(key: string, value: string | Uint8Array): string | undefined {
  if (!KEY.test(key)) return `"${key}" is no key: lower case letters, digits, "_", "-" and "."`;
  if (key.startsWith(RESERVED_PREFIX) || RESERVED.has(key)) return `"${key}" is a reserved key`;
  if (isBinaryKey(key)) return typeof value === 'string' ? `${key} takes octets` : undefined;
  if (typeof value !== 'string') return `${key} takes text; octets go under keys that end in -bin`;
  return TEXT.test(value) ? undefined : `${key} takes printable ASCII`;
}

const known = new WeakSet<CallMetadata>();

/** Loads send the same metadata again and again: each is looked at once. @throws TypeError: a bug. */
export function assertMetadata(metadata: CallMetadata): void {
  if (known.has(metadata)) return;
  for (const [key, value] of Object.entries(metadata)) {
    const mistake = metadataMistake(key, value);
    if (mistake !== undefined) throw new TypeError(mistake);
  }
  known.add(metadata);
}

/** A value as it stands on the wire: octets in base64, without padding. */
export function wireValue(value: string | Uint8Array): string {
  if (typeof value === 'string') return value;
  return Buffer.from(value).toString('base64').replace(/=+$/, '');
}
