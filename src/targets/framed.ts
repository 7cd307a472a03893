/**
 * A message as it stands in DATA, with its prefix, among other octets: how the wire server passes
 * messages on without copying them.
 */
import { ownOctets } from '../http2/copy-octets.js';

/** The message `bytes[start, end)`; valid during the call that brings it, unless told otherwise. */
export interface Framed {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Octets that are one message from end to end. */
export function wholeFramed(bytes: Uint8Array): Framed {
  return { bytes, start: 0, end: bytes.length };
}

/** The same message in octets of its own, to keep. */
export function keepFramed({ bytes, start, end }: Framed): Framed {
  return wholeFramed(ownOctets(bytes, start, end));
}
