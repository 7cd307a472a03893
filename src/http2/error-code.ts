/**
 * HTTP/2 error codes by number and name (RFC 9113 §7), and the two ways in which HTTP/2 goes wrong:
 * one stream (a RST_STREAM) or the whole connection (a GOAWAY, then closing).
 */

import { ERROR_CODE_NAMES, type ErrorCodeName } from '../base/http2-error-code.js';

export { ERROR_CODE_NAMES, type ErrorCodeName };

export const NO_ERROR = 0;
export const PROTOCOL_ERROR = 1;
export const INTERNAL_ERROR = 2;
export const FLOW_CONTROL_ERROR = 3;
export const SETTINGS_TIMEOUT = 4;
export const STREAM_CLOSED = 5;
export const FRAME_SIZE_ERROR = 6;
export const REFUSED_STREAM = 7;
export const CANCEL = 8;
export const COMPRESSION_ERROR = 9;
export const CONNECT_ERROR = 10;
export const ENHANCE_YOUR_CALM = 11;
export const INADEQUATE_SECURITY = 12;
export const HTTP_1_1_REQUIRED = 13;

/** The number of a named code. */
export function errorCode(name: ErrorCodeName): number {
  return ERROR_CODE_NAMES.indexOf(name);
}

/** The name of a code; an unknown one is shown as its number, for it has no special meaning (§7). */
export function errorCodeName(code: number): string {
  return ERROR_CODE_NAMES[code] ?? `0x${code.toString(16)}`;
}

/**
 * The connection cannot go on: whatever throws this has met a connection error (RFC 9113 §5.4.1).
 * The connection answers with GOAWAY(`code`) and hands the error to its owner.
 */
export class ConnectionError extends Error {
  /** HTTP/2 error code that the GOAWAY carries. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(`${message} (${errorCodeName(code)})`);
    this.name = 'ConnectionError';
    this.code = code;
  }
}
