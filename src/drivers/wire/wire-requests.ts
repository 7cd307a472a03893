/**
 * Requests as the wire driver keeps them: what a load sends again and again is made once, and is the
 * same object each time, so that connections can keep a template for it. Nothing is kept of a message
 * that comes only once.
 */
import { assertMetadata, type CallMetadata } from '../../calls/call-metadata.js';
import { metadataOfSpec } from '../message-schema.js';
import type { ClientSpec } from '../spec.js';
import { formatMessage, type MessageFormat, messageFormat } from './message-format.js';

/** What is sent to start a stream of messages, and what stands before the one message of others. */
export interface RequestHead {
  readonly path: string;
  readonly metadata: CallMetadata;
  readonly timeoutNs: number | undefined;
  /** It carries the number and due time of its call (`squall-call`). */
  readonly isNumbered: boolean;
  readonly format: MessageFormat;
}

export interface WireRequest {
  readonly head: RequestHead;
  /** The framed message of a call with one request; absent: a stream of messages follows. */
  readonly body?: Uint8Array;
  /** It was sent before: a template of head and body pays for itself. */
  recurs: boolean;
}

/** The requests of one channel. */
export class WireRequests {
  readonly format: MessageFormat;
  readonly #isNumbered: boolean;
  /** Of every call. */
  readonly #metadata: CallMetadata;
  /** By path, timeout and metadata: as many as loads have kinds of calls. */
  readonly #streams = new Map<string, WireRequest>();
  /** By the message: the very same octets, not equal ones. */
  readonly #messages = new WeakMap<Buffer, WireRequest>();
  #lastMessage: Buffer | undefined;
  #last: WireRequest | undefined;
  #lastStream: WireRequest | undefined;
  #lastMetadata: CallMetadata | undefined;

  constructor(spec: ClientSpec) {
    this.format = messageFormat(spec);
    this.#isNumbered = spec.callIds ?? true;
    this.#metadata = metadataOfSpec(spec);
  }

  /** @param message is not changed any more. */
  ofMessage(
    path: string,
    message: Buffer,
    timeoutNs: number | undefined,
    metadata: CallMetadata,
  ): WireRequest {
    const stream = this.ofStream(path, timeoutNs, metadata);
    if (message === this.#lastMessage && this.#last?.head === stream.head) return this.#last;
    let request = this.#messages.get(message);
    if (request?.head === stream.head) request.recurs = true;
    else {
      request = { head: stream.head, body: formatMessage(message, this.format), recurs: false };
      this.#messages.set(message, request);
      return request;
    }
    this.#lastMessage = message;
    this.#last = request;
    return request;
  }

  ofStream(path: string, timeoutNs: number | undefined, metadata: CallMetadata): WireRequest {
    const last = this.#lastStream;
    if (
      last !== undefined &&
      metadata === this.#lastMetadata &&
      last.head.path === path &&
      last.head.timeoutNs === timeoutNs
    ) {
      return last;
    }
    const key = JSON.stringify([path, timeoutNs, metadata]);
    let request = this.#streams.get(key);
    if (request === undefined) {
      request = { head: this.#head(path, timeoutNs, metadata), recurs: true };
      this.#streams.set(key, request);
    }
    this.#lastStream = request;
    this.#lastMetadata = metadata;
    return request;
  }

  #head(path: string, timeoutNs: number | undefined, own: CallMetadata): RequestHead {
    const metadata = { ...this.#metadata, ...own };
    assertMetadata(metadata);
    return { path, timeoutNs, metadata, isNumbered: this.#isNumbered, format: this.format };
  }
}
