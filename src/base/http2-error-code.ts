/** HTTP/2 error codes by number and name (RFC 9113 §7). */

/** Names in the order of their numbers: `ERROR_CODE_NAMES[8]` is `CANCEL`. */
export const ERROR_CODE_NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

/** The name of an error code. */
export type ErrorCodeName = (typeof ERROR_CODE_NAMES)[number];

/** The number of an error code. */
export function http2ErrorCode(name: ErrorCodeName): number {
  return ERROR_CODE_NAMES.indexOf(name);
}
