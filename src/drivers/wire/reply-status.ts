/**
 * The gRPC status of a reply, from its header blocks (the gRPC documentation, doc/PROTOCOL-HTTP2.md,
 * "Responses").
 *
 * Almost all replies of a load end with the same trailers, which the decoder hands out as the same
 * object; so the last block's status is kept, and found by comparing one reference.
 */
import { STATUS_OK, statusCode } from '../../base/status.js';
import { statusOfHttpStatus } from '../../http2/grpc-status.js';
import type { HeaderBlock } from '../../http2/header-block.js';
import { fieldValue } from '../../http2/header-field.js';

const INTERNAL = statusCode('INTERNAL');
const UNKNOWN = statusCode('UNKNOWN');
const HTTP_OK = 200;

/** Reads the statuses of one connection's replies. */
export class ReplyStatus {
  #lastTrailers: HeaderBlock | undefined;
  #lastStatus = STATUS_OK;
  #lastHead: HeaderBlock | undefined;
  #lastProblem: number | undefined;

  /** Whether any block was read. */
  get hasRead(): boolean {
    return this.#lastTrailers !== undefined || this.#lastHead !== undefined;
  }

  /** The status code that a block which ends its stream carries: trailers, or trailers-only. */
  ofLastBlock(block: HeaderBlock): number {
    if (block !== this.#lastTrailers) {
      this.#lastTrailers = block;
      this.#lastStatus = statusOf(block);
    }
    return this.#lastStatus;
  }

  /**
   * What is wrong with the head of a reply that goes on: the status that the call ends with, whatever
   * follows; undefined when it is the head of a gRPC reply.
   */
  problemOfHead(block: HeaderBlock): number | undefined {
    if (block !== this.#lastHead) {
      this.#lastHead = block;
      this.#lastProblem = problemOf(block);
    }
    return this.#lastProblem;
  }
}

function statusOf(block: HeaderBlock): number {
  const text = fieldValue(block.fields, 'grpc-status');
  if (text !== undefined)
    return /^\d{1,2}$/.test(text) && Number(text) <= 16 ? Number(text) : UNKNOWN;
  return block.kind === 'response' ? statusOfHttpStatus(block.status) : UNKNOWN;
}

function problemOf(block: HeaderBlock): number | undefined {
  if (block.kind === 'malformed') return INTERNAL;
  if (block.status !== HTTP_OK) return statusOfHttpStatus(block.status);
  const type = fieldValue(block.fields, 'content-type') ?? '';
  return type.startsWith('application/grpc') ? undefined : UNKNOWN;
}
