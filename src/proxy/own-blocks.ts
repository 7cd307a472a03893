/** Header blocks that are the proxy's own words. */
import { type HeaderBlock, headerBlock } from '../http2/header-block.js';
import { type HeaderField, headerFields } from '../http2/header-field.js';
import {
  type CallStatus,
  RESPONSE_HEADERS,
  trailersOf,
  trailersOnly,
} from '../targets/wire-status.js';

const blockOf = (fields: readonly HeaderField[]): HeaderBlock => headerBlock(fields, 0, false, '');

/** The head of a gRPC answer. */
export const RESPONSE_HEAD = blockOf(RESPONSE_HEADERS);

/** @param hasHead whether the answer's head has left already. */
export function statusBlock(status: CallStatus, hasHead: boolean): HeaderBlock {
  return blockOf(hasHead ? trailersOf(status) : trailersOnly(status));
}

/** What a web server says, and no word of gRPC. */
export function httpStatusBlock(status: number): HeaderBlock {
  return blockOf(
    headerFields([
      [':status', String(status)],
      ['content-type', 'text/html'],
    ]),
  );
}
