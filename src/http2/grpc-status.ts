/**
 * Which gRPC status follows from what HTTP/2 or HTTP says, where no `grpc-status` came.
 * Sources: the gRPC documentation, doc/PROTOCOL-HTTP2.md "Errors" and
 * doc/http-grpc-status-mapping.md.
 */
import { type StatusName, statusCode } from '../base/status.js';
import type { ErrorCodeName } from './error-code.js';
import { ERROR_CODE_NAMES } from './error-code.js';

/** A code that the gRPC table does not list is UNKNOWN: so is STREAM_CLOSED, which it leaves open. */
const STATUS_OF_ERROR_CODE: Readonly<Partial<Record<ErrorCodeName, StatusName>>> = {
  NO_ERROR: 'INTERNAL',
  PROTOCOL_ERROR: 'INTERNAL',
  INTERNAL_ERROR: 'INTERNAL',
  FLOW_CONTROL_ERROR: 'INTERNAL',
  SETTINGS_TIMEOUT: 'INTERNAL',
  FRAME_SIZE_ERROR: 'INTERNAL',
  REFUSED_STREAM: 'UNAVAILABLE',
  CANCEL: 'CANCELLED',
  COMPRESSION_ERROR: 'INTERNAL',
  CONNECT_ERROR: 'INTERNAL',
  ENHANCE_YOUR_CALM: 'RESOURCE_EXHAUSTED',
  INADEQUATE_SECURITY: 'PERMISSION_DENIED',
};

const STATUS_OF_HTTP: Readonly<Record<number, StatusName>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

/** The gRPC status code of a RST_STREAM or GOAWAY with an HTTP/2 error code. */
export function statusOfErrorCode(code: number): number {
  const name = ERROR_CODE_NAMES[code];
  return statusCode((name && STATUS_OF_ERROR_CODE[name]) ?? 'UNKNOWN');
}

/**
 * The gRPC status code of a reply without `grpc-status`, from its HTTP status. Even 200 is UNKNOWN:
 * an answer without trailers is no success.
 */
export function statusOfHttpStatus(httpStatus: number): number {
  return statusCode(STATUS_OF_HTTP[httpStatus] ?? 'UNKNOWN');
}
