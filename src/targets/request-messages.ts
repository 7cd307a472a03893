/**
 * What a client sends on one call of the wire server: octets come in, messages go out, whole and not
 * compressed; or the status that the call ends with.
 */
import { GZIP, gunzipMessage } from '../http2/grpc-compression.js';
import {
  framedMessage,
  MESSAGE_PREFIX_BYTES,
  MessageReader,
  type OnMessage,
} from '../http2/grpc-message.js';
import { type Framed, wholeFramed } from './framed.js';
import { isOneMessage } from './one-message.js';
import { type CallStatus, problemStatus, UNNAMED_ENCODING, unsupported } from './wire-status.js';

export class RequestMessages {
  readonly #encoding: string;
  readonly #bytesMax: number;
  readonly #onMessage: (framed: Framed) => void;
  /** Absent until there is something to cut: most requests are one message in one piece. */
  #reader: MessageReader | undefined;
  #onCut: OnMessage | undefined;
  #failure: CallStatus | undefined;

  /**
   * @param encoding what messages are compressed with, where they are: `grpc-encoding`.
   * @param bytesMax largest message in octets, before compression.
   * @param onMessage told of each message; valid during the call only.
   */
  constructor(encoding: string | undefined, bytesMax: number, onMessage: (framed: Framed) => void) {
    this.#bytesMax = bytesMax;
    this.#encoding = encoding ?? 'identity';
    this.#onMessage = onMessage;
  }

  /** Octets of a message that is not whole are left. */
  get isCut(): boolean {
    return this.#reader !== undefined && this.#reader.heldBytes > 0;
  }

  /** @returns what the call ends with, when they are no messages. Nothing may be read after that. */
  read(bytes: Uint8Array, start: number, end: number, isLast: boolean): CallStatus | undefined {
    if (this.#reader === undefined) {
      const isSmall = end - start - MESSAGE_PREFIX_BYTES <= this.#bytesMax;
      if (isLast && isSmall && isOneMessage(bytes, start, end)) {
        this.#onMessage({ bytes, start, end });
        return undefined;
      }
      this.#reader = new MessageReader(this.#bytesMax);
    }
    this.#onCut ??= (all, from, to, isCompressed) => {
      const framed = { bytes: all, start: from - MESSAGE_PREFIX_BYTES, end: to };
      if (isCompressed) this.#inflate(framed);
      else if (this.#failure === undefined) this.#onMessage(framed);
    };
    const problem = this.#reader.read(bytes, start, end, this.#onCut);
    return this.#failure ?? (problem && problemStatus(problem, this.#bytesMax));
  }

  /** A message under compression: handed on as it was before. */
  #inflate({ bytes, start, end }: Framed): void {
    if (this.#failure !== undefined) return;
    if (this.#encoding !== GZIP) {
      const isUnnamed = this.#encoding === 'identity';
      this.#failure = isUnnamed ? UNNAMED_ENCODING : unsupported(this.#encoding);
      return;
    }
    const message = gunzipMessage(bytes, start + MESSAGE_PREFIX_BYTES, end, this.#bytesMax);
    if (typeof message === 'string') this.#failure = problemStatus(message, this.#bytesMax);
    else this.#onMessage(wholeFramed(framedMessage(message)));
  }
}
