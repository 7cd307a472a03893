/** The header fields of a gRPC request (doc/PROTOCOL-HTTP2.md, "Requests"). */
import { CALL_ID_KEY } from '../../base/call-id.js';
import { wireValue } from '../../calls/call-metadata.js';
import { formatGrpcTimeout } from '../../http2/grpc-timeout.js';
import { type HeaderField, headerFields } from '../../http2/header-field.js';
import { formatFields } from './message-format.js';
import type { WireAddress } from './wire-address.js';
import type { RequestHead } from './wire-requests.js';

/** Fields whose values are each call's own, in the order in which they are given. */
export const VARYING_FIELDS: readonly string[] = [CALL_ID_KEY];
/** One more of them for a call that was held up: its request then has no timeout of its own. */
export const TIMEOUT_FIELD = 'grpc-timeout';

/** All others. */
export function requestFields(
  head: RequestHead,
  { scheme, authority }: WireAddress,
): readonly HeaderField[] {
  const { path, timeoutNs, metadata, format } = head;
  return headerFields([
    [':method', 'POST'],
    [':scheme', scheme],
    [':path', path],
    [':authority', authority],
    ['te', 'trailers'],
    ...(timeoutNs === undefined ? [] : ([[TIMEOUT_FIELD, formatGrpcTimeout(timeoutNs)]] as const)),
    ['content-type', 'application/grpc'],
    ['user-agent', 'grpc-squall'],
    ...formatFields(format),
    ...Object.entries(metadata).map(([key, value]) => [key, wireValue(value)] as const),
  ]);
}
