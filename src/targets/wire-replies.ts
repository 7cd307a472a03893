/** How the wire server answers on one connection: replies, statuses and refusals as header fields. */
import type { PackageDefinition } from '@grpc/proto-loader';
import { STATUS_OK } from '../base/status.js';
import type { Connection } from '../http2/connection.js';
import type { FrameTemplate } from '../http2/frame-template.js';
import { framedMessage } from '../http2/grpc-message.js';
import { encodePercent } from '../http2/grpc-percent.js';
import { type HeaderField, headerField, headerFields } from '../http2/header-field.js';
import { CHAT_SERVICE, serviceOf } from './protos.js';

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
const OK_TRAILERS = headerFields([['grpc-status', String(STATUS_OK)]]);

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

/** Rooms with more members than this are answered without a template. */
const TEMPLATES_MAX = 256;

/** A function that encodes SayReply with its prefix. */
export function sayReplyEncoder(protos: PackageDefinition): (delivered: number) => Uint8Array {
  const { Say } = serviceOf(protos, CHAT_SERVICE);
  if (Say === undefined) throw new Error(`${CHAT_SERVICE} lacks Say`);
  return (delivered) => framedMessage(Say.responseSerialize({ delivered }));
}

/** Answers to Say: nearly all say "to nobody", and each is sent from a template. */
export class SayReplies {
  readonly #connection: Connection;
  readonly #encode: (delivered: number) => Uint8Array;
  readonly #templates: FrameTemplate[] = [];
  readonly #toNobody: FrameTemplate;

  constructor(connection: Connection, encode: (delivered: number) => Uint8Array) {
    this.#connection = connection;
    this.#encode = encode;
    this.#toNobody = this.#template(0);
  }

  /** Sends the whole reply and ends the stream. */
  send(streamId: number, delivered: number): void {
    this.#connection.sendTemplate(
      streamId,
      delivered === 0 ? this.#toNobody : this.#templateFor(delivered),
    );
  }

  #templateFor(delivered: number): FrameTemplate {
    if (delivered >= TEMPLATES_MAX) return this.#template(delivered);
    this.#templates[delivered] ??= this.#template(delivered);
    return this.#templates[delivered];
  }

  #template(delivered: number): FrameTemplate {
    return this.#connection.template({
      headers: RESPONSE_HEADERS,
      body: this.#encode(delivered),
      trailers: OK_TRAILERS,
    });
  }
}
