/** Answers to Say on one connection of the wire server: nearly all alike, and sent from templates. */
import type { PackageDefinition } from '@grpc/proto-loader';
import type { Connection } from '../http2/connection.js';
import type { FrameTemplate } from '../http2/frame-template.js';
import { framedMessage } from '../http2/grpc-message.js';
import type { HeaderField } from '../http2/header-field.js';
import { CHAT_SERVICE, serviceOf } from './protos.js';
import { OK_TRAILERS, RESPONSE_HEADERS } from './wire-status.js';

/** Rooms with more members than this are answered without a template. */
const TEMPLATES_MAX = 256;

/** Encodes SayReply, with its prefix. */
export function sayReplyEncoder(protos: PackageDefinition): (delivered: number) => Uint8Array {
  const { Say } = serviceOf(protos, CHAT_SERVICE);
  if (Say === undefined) throw new Error(`${CHAT_SERVICE} lacks Say`);
  return (delivered) => framedMessage(Say.responseSerialize({ delivered }));
}

export class SayReplies {
  readonly #connection: Connection;
  readonly #encode: (delivered: number) => Uint8Array;
  readonly #headers: readonly HeaderField[];
  readonly #templates: FrameTemplate[] = [];
  readonly #toNobody: FrameTemplate;

  /** @param headers what stands before the message that `encode` gives. */
  constructor(
    connection: Connection,
    encode: (delivered: number) => Uint8Array,
    headers: readonly HeaderField[] = RESPONSE_HEADERS,
  ) {
    this.#connection = connection;
    this.#headers = headers;
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

  /** The reply as a message of its own, for calls that are not answered like the others. */
  framed(delivered: number): Uint8Array {
    return this.#encode(delivered);
  }

  #templateFor(delivered: number): FrameTemplate {
    if (delivered >= TEMPLATES_MAX) return this.#template(delivered);
    this.#templates[delivered] ??= this.#template(delivered);
    return this.#templates[delivered];
  }

  #template(delivered: number): FrameTemplate {
    return this.#connection.template({
      headers: this.#headers,
      body: this.#encode(delivered),
      trailers: OK_TRAILERS,
    });
  }
}
