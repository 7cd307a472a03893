/** How a channel's messages are put on the wire and read from it: compressed or not, and how large. */
import { ACCEPTED_ENCODINGS, GZIP, gzipMessage } from '../../http2/grpc-compression.js';
import { framedMessage, MESSAGE_BYTES_MAX } from '../../http2/grpc-message.js';
import { UNLIMITED } from '../message-schema.js';
import type { ClientSpec } from '../spec.js';

/**
 * A read brings no more than this. A message that is whole in one is not measured, which does for every
 * limit that is not smaller.
 */
const PIECE_BYTES_MAX = 262_144;

export interface MessageFormat {
  /** Octets of a message before compression; Infinity: any. */
  readonly sendBytesMax: number;
  /** The same of a reply. */
  readonly receiveBytesMax: number;
  /** Requests are under gzip, and replies may be. */
  readonly compresses: boolean;
  /** Messages go out as they are, whatever their size. */
  readonly isPlain: boolean;
  /** Each message of a reply is measured, also one that is whole in what was read. */
  readonly readsAll: boolean;
}

export function messageFormat({
  sendBytesMax = UNLIMITED,
  receiveBytesMax = MESSAGE_BYTES_MAX,
  compression,
}: ClientSpec): MessageFormat {
  const compresses = compression === GZIP;
  return {
    sendBytesMax: limitOf(sendBytesMax),
    receiveBytesMax: limitOf(receiveBytesMax),
    compresses,
    isPlain: !compresses && sendBytesMax === UNLIMITED,
    readsAll: limitOf(receiveBytesMax) < PIECE_BYTES_MAX,
  };
}

function limitOf(bytesMax: number): number {
  return bytesMax === UNLIMITED ? Number.POSITIVE_INFINITY : bytesMax;
}

/** A message as it stands in DATA. */
export function formatMessage(message: Uint8Array, { compresses }: MessageFormat): Uint8Array {
  return compresses ? framedMessage(gzipMessage(message), true) : framedMessage(message);
}

/** Header fields that say it. */
export function formatFields({
  compresses,
}: MessageFormat): readonly (readonly [string, string])[] {
  if (!compresses) return [];
  return [
    ['grpc-encoding', GZIP],
    ['grpc-accept-encoding', ACCEPTED_ENCODINGS],
  ];
}
