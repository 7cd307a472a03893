/** How calls end on the wire server: statuses, and the header fields that say them. */
import { STATUS_OK, statusCode } from '../base/status.js';
import { ACCEPTED_ENCODINGS, GZIP } from '../http2/grpc-compression.js';
import type { MessageProblem } from '../http2/grpc-message.js';
import { encodePercent } from '../http2/grpc-percent.js';
import { type HeaderField, headerField, headerFields } from '../http2/header-field.js';

/** How a call ends. */
export interface CallStatus {
  /** gRPC status code. */
  readonly code: number;
  readonly details?: string;
  /** Further trailers. */
  readonly trailers?: readonly HeaderField[];
}

/** The header block before messages. */
export const RESPONSE_HEADERS = headerFields([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);
/** The same before messages under gzip. */
export const GZIP_RESPONSE_HEADERS = [...RESPONSE_HEADERS, headerField('grpc-encoding', GZIP)];
/** What ends a call that went well. */
export const OK_TRAILERS = headerFields([['grpc-status', String(STATUS_OK)]]);

/** Trailers that end a call. */
export function trailersOf({ code, details, trailers = [] }: CallStatus): readonly HeaderField[] {
  if (code === STATUS_OK && details === undefined && trailers.length === 0) return OK_TRAILERS;
  const message = details ? [headerField('grpc-message', encodePercent(details))] : [];
  return [headerField('grpc-status', String(code)), ...message, ...trailers];
}

/** The one header block of a call that ends without a message. */
export function trailersOnly(status: CallStatus): readonly HeaderField[] {
  return [...RESPONSE_HEADERS, ...trailersOf(status)];
}

/** What we cannot read, and what we could have. */
export function unsupported(encoding: string): CallStatus {
  return {
    code: statusCode('UNIMPLEMENTED'),
    details: `messages under ${encoding} are not supported`,
    trailers: [headerField('grpc-accept-encoding', ACCEPTED_ENCODINGS)],
  };
}
/** A flag says what the headers do not. */
export const UNNAMED_ENCODING: CallStatus = {
  code: statusCode('INTERNAL'),
  details: 'a message is compressed and no grpc-encoding says how',
};
/** What is wrong with a stream of messages. @param bytesMax what the largest may have, in octets. */
export function problemStatus(problem: MessageProblem | 'corrupt', bytesMax: number): CallStatus {
  switch (problem) {
    case 'too-large':
      return {
        code: statusCode('RESOURCE_EXHAUSTED'),
        details: `received a message larger than ${bytesMax} octets`,
      };
    case 'corrupt':
      return { code: statusCode('INTERNAL'), details: 'a message cannot be decompressed' };
    case 'bad-flag':
      return { code: statusCode('INTERNAL'), details: 'a message begins with a wrong flag' };
  }
}
/** END_STREAM came too early. */
export const CUT: CallStatus = {
  code: statusCode('INTERNAL'),
  details: 'the stream ended within a message',
};
/** The service queue has no place left. */
export const QUEUE_FULL: CallStatus = {
  code: statusCode('RESOURCE_EXHAUSTED'),
  details: 'queue full',
};
/** Said at a deadline, to a client that will hardly hear it. */
export const EXPIRED: CallStatus = {
  code: statusCode('DEADLINE_EXCEEDED'),
  details: 'Deadline exceeded',
};
