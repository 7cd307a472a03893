/**
 * How a call reads a reply that is not one plain message in one piece: messages that come in parts or
 * under gzip, a reader that pauses, a limit on sizes.
 *
 *   octets ──read──► MessageReader ──► counted ──► ReadingGate, once paused ──► hand (unpacked)
 *
 * Made for a call when the first of these comes, which for nearly all calls of a load is never: what a
 * call holds is paid for by every call.
 */
import { statusCode } from '../../base/status.js';
import { GZIP, gunzipMessage } from '../../http2/grpc-compression.js';
import { MESSAGE_PREFIX_BYTES, MessageReader } from '../../http2/grpc-message.js';
import { ReadingGate } from '../../http2/reading-gate.js';

const INTERNAL = statusCode('INTERNAL');
const RESOURCE_EXHAUSTED = statusCode('RESOURCE_EXHAUSTED');

/** The call whose reply it is. */
export interface ReplyOwner {
  /** Nothing more is handed to it. */
  readonly ended: boolean;
  /** Of the reply nothing more is wanted. */
  readonly isRefused: boolean;
  /** A message came, whole. */
  countMessage(): void;
  /** Takes a message; it is valid during the call only. */
  hand(bytes: Uint8Array, start: number, end: number): void;
  /** The reply cannot be read; `code` is what the call ends with. */
  refuse(code: number): void;
  /** Octets of a held window are done with. */
  giveBack(octets: number): void;
}

export class ReplyReading {
  /** `grpc-encoding` of the reply; only looked at where compression was offered. */
  encoding: string | undefined;
  /** The call ended OK, behind messages that wait. */
  isEndHeld = false;
  readonly #owner: ReplyOwner;
  /** Largest message, unpacked. */
  readonly #bytesMax: number;
  readonly #reader: MessageReader;
  /** Absent until reading is paused for the first time. */
  #gate: ReadingGate | undefined;

  constructor(owner: ReplyOwner, bytesMax: number) {
    this.#owner = owner;
    this.#bytesMax = bytesMax;
    this.#reader = new MessageReader(bytesMax);
  }

  /** Octets of a message that is not whole. */
  get heldBytes(): number {
    return this.#reader.heldBytes;
  }

  /** Whether octets are given back to the server by `giveBack`: its stream's window is to be held. */
  get holdsWindow(): boolean {
    return this.#gate !== undefined;
  }

  /** Messages wait for a reader that pauses. */
  get waits(): boolean {
    return this.#gate?.waits === true;
  }

  /** Takes in octets of the reply. */
  read(bytes: Uint8Array, start: number, end: number): void {
    const gate = this.#gate;
    gate?.arrived(end - start);
    const problem = this.#reader.read(bytes, start, end, this.#received);
    gate?.settle();
    if (problem === undefined) return;
    this.#owner.refuse(problem === 'too-large' ? RESOURCE_EXHAUSTED : INTERNAL);
  }

  /** @returns whether it is the first time: the stream's window is to be held from now on. */
  pause(): boolean {
    const isFirst = this.#gate === undefined;
    this.#gate ??= new ReadingGate(
      this.#handOn,
      (octets) => this.#owner.giveBack(octets),
      MESSAGE_PREFIX_BYTES,
    );
    this.#gate.pause();
    return isFirst;
  }

  resume(): void {
    this.#gate?.resume();
  }

  readonly #received = (
    bytes: Uint8Array,
    start: number,
    end: number,
    isCompressed: boolean,
  ): void => {
    if (this.#owner.isRefused) return;
    this.#owner.countMessage();
    if (this.#gate === undefined) this.#handOn(bytes, start, end, isCompressed);
    else this.#gate.take(bytes, start, end, isCompressed);
  };

  readonly #handOn = (
    bytes: Uint8Array,
    start: number,
    end: number,
    isCompressed: boolean,
  ): void => {
    const owner = this.#owner;
    if (owner.ended) return;
    if (!isCompressed) {
      owner.hand(bytes, start, end);
      return;
    }
    // An encoding that was not named, or not offered, is the server's mistake.
    const message =
      this.encoding === GZIP ? gunzipMessage(bytes, start, end, this.#bytesMax) : 'corrupt';
    if (typeof message !== 'string') owner.hand(message, 0, message.length);
    else owner.refuse(message === 'too-large' ? RESOURCE_EXHAUSTED : INTERNAL);
  };
}
