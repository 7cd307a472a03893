/**
 * Which attempts a fault picks by their metadata: those that carry every entry it names.
 *
 * What comes in is a function that looks a key up, so that nobody reads metadata for faults that do
 * not ask for any.
 */
import { z } from 'zod';

/** Entries that an attempt must all carry; values under keys that end in `-bin` are base64. */
export type MetadataMatch = Readonly<Record<string, string>>;

/** The values of a key, in any order; none when it did not come. Octets as base64. */
export type MetadataLookup = (key: string) => readonly string[];

const KEY = /^[0-9a-z_.-]+$/;
/** gRPC's own; a server may take these away before anybody sees them. */
const RESERVED_PREFIX = 'grpc-';
const BINARY_SUFFIX = '-bin';

/** `{ tenant: blue }`, with at least one entry. */
export const metadataMatch = () =>
  z.record(z.string(), z.string()).superRefine((entries, context) => {
    const keys = Object.keys(entries);
    if (keys.length === 0) {
      context.addIssue({ code: 'custom', message: 'at least one key is needed here' });
    }
    for (const key of keys) {
      const message = mistakeOf(key);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [key], message });
    }
  });

function mistakeOf(key: string): string | undefined {
  if (!KEY.test(key)) return `"${key}" is no key: lower case letters, digits, "_", "-" and "."`;
  return key.startsWith(RESERVED_PREFIX) ? `"${key}" is a key of gRPC's own` : undefined;
}

/** Whether an attempt carries all that a fault wants of it. */
export function carries(match: MetadataMatch, valuesOf: MetadataLookup): boolean {
  for (const key in match) {
    const wanted = comparable(key, match[key] ?? '');
    if (!valuesOf(key).some((value) => comparable(key, value) === wanted)) return false;
  }
  return true;
}

/** Base64 may come with padding or without (the gRPC documentation, doc/PROTOCOL-HTTP2.md). */
function comparable(key: string, value: string): string {
  return key.endsWith(BINARY_SUFFIX) ? value.replace(/=+$/, '') : value;
}
