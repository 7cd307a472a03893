/** The common case of a request's body: one message, whole, in one piece. */
import { readUint32 } from '../http2/frame.js';
import { MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';

/** Whether octets are exactly one message, with its prefix, that is not compressed. */
export function isOneMessage(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start - MESSAGE_PREFIX_BYTES;
  return length >= 0 && bytes[start] === 0 && readUint32(bytes, start + 1) === length;
}
