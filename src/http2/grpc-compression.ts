/**
 * Messages under gzip, the one compression that all of gRPC shares (the gRPC documentation,
 * doc/compression.md). Octets in, octets out, at once: a load's messages must keep their order.
 */
import { gunzipSync, gzipSync } from 'node:zlib';

/** As `grpc-encoding` names it. */
export const GZIP = 'gzip';
/** What `grpc-accept-encoding` says of whoever reads gzip. */
export const ACCEPTED_ENCODINGS = `identity,${GZIP}`;

export function gzipMessage(message: Uint8Array): Uint8Array {
  return gzipSync(message);
}

/**
 * The message that `bytes[start, end)` holds.
 * @param bytesMax octets that it may come to: of a small piece that would be gigabytes no more is
 * made than this. Infinity: no limit but the machine's.
 * @returns what is wrong instead, when there is no such message.
 */
export function gunzipMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  bytesMax: number,
): Uint8Array | 'too-large' | 'corrupt' {
  try {
    // zlib wants room for at least an octet.
    const limit = bytesMax === Number.POSITIVE_INFINITY ? {} : { maxOutputLength: bytesMax || 1 };
    const message = gunzipSync(bytes.subarray(start, end), limit);
    return message.length > bytesMax ? 'too-large' : message;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'corrupt';
  }
}
