/**
 * What requests say of how the server is reached (`:scheme`), where a proxy changes it: a server behind
 * TLS may refuse `http`, one in cleartext `https`.
 */
import { type HeaderField, headerField } from '../http2/header-field.js';

export type Scheme = 'http' | 'https';

const FIELDS = { http: headerField(':scheme', 'http'), https: headerField(':scheme', 'https') };

/**
 * What the server is to be told, where it is another than clients say.
 * @param fromSecure clients come over TLS. @param toSecure the server is reached over TLS.
 */
export function schemeBetween(fromSecure: boolean, toSecure: boolean): Scheme | undefined {
  if (fromSecure === toSecure) return undefined;
  return toSecure ? 'https' : 'http';
}

/** The fields with another scheme; as they are where they name none. */
export function withScheme(fields: readonly HeaderField[], scheme: Scheme): readonly HeaderField[] {
  return fields.map((field) => (field.name === ':scheme' ? FIELDS[scheme] : field));
}
