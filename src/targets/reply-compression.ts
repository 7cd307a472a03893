/**
 * Replies under gzip, on the wire server, for clients that say they read it (the gRPC documentation,
 * doc/compression.md). Each message is compressed by itself, whether that makes it smaller or not: what
 * it costs is what a scenario asks for.
 */
import { GZIP, gzipMessage } from '../http2/grpc-compression.js';
import { framedMessage, MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';
import { fieldValue, type HeaderField } from '../http2/header-field.js';
import { type Framed, wholeFramed } from './framed.js';
import { isOneMessage } from './one-message.js';

/** Whether a request's header block lists gzip among what its client reads. */
export function takesGzip(fields: readonly HeaderField[]): boolean {
  const accepted = fieldValue(fields, 'grpc-accept-encoding') ?? '';
  return accepted.split(',').some((name) => name.trim() === GZIP);
}

/** A reply as it is sent. Octets that are not one message, as a fault may have it, stay as they are. */
export function compressedReply(framed: Framed): Framed {
  const { bytes, start, end } = framed;
  if (!isOneMessage(bytes, start, end)) return framed;
  const message = bytes.subarray(start + MESSAGE_PREFIX_BYTES, end);
  return wholeFramed(framedMessage(gzipMessage(message), true));
}
