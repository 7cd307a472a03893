/**
 * One call of the wire driver, from being asked for to its end: what was asked, on which stream it is,
 * and what of the reply has come.
 */
import { STATUS_OK, statusCode } from '../../base/status.js';
import type { OnReply, ReadingSide } from '../../calls/channel.js';
import type { CallTicket } from '../../calls/ticket.js';
import { GZIP, gunzipMessage } from '../../http2/grpc-compression.js';
import { MESSAGE_PREFIX_BYTES, MessageReader, type OnMessage } from '../../http2/grpc-message.js';
import { ReadingGate } from '../../http2/reading-gate.js';
import type { Expiring } from './deadline-queue.js';
import type { WaitingCalls } from './waiting-calls.js';
import type { WireConnection } from './wire-connection.js';
import type { WireRequest } from './wire-requests.js';

const CANCELLED = statusCode('CANCELLED');
const DEADLINE_EXCEEDED = statusCode('DEADLINE_EXCEEDED');
const INTERNAL = statusCode('INTERNAL');
const RESOURCE_EXHAUSTED = statusCode('RESOURCE_EXHAUSTED');
/** What grpc-js makes of an OK without a message, where one is due. */
const NO_MESSAGE = statusCode('UNIMPLEMENTED');

export class WireCall implements Expiring, ReadingSide {
  readonly ticket: CallTicket;
  readonly request: WireRequest;
  deadlineNs = Number.POSITIVE_INFINITY;
  /** The connection and stream of its attempt, and the stream's slot there; 0: none now. */
  connection: WireConnection | undefined;
  streamId = 0;
  slot = 0;
  attemptStartNs = 0;
  /** It has not waited for a stream and was not tried before: it starts when it is handed over. */
  isPrompt = true;
  /** Where it waits for a stream. */
  waitingIn: WaitingCalls | undefined;
  /** Without any connection it waits for one, and does not fail at once. */
  waitsForReady = false;
  /** It has waited for a stream before. */
  wasQueued = false;
  /** A stream that the server refused untouched is tried once more (gRFC A6). */
  wasRefused = false;
  /** Status that the call will end with whatever the trailers say. */
  problem: number | undefined;
  /** Told of the messages of the reply; absent where nobody reads them. */
  readonly onMessage: OnReply | undefined;
  /** Whether the reply is any number of messages, not exactly one. */
  readonly isReplyStream: boolean;
  /** Whether all that was sent on its stream is in `request`, so that it can be sent again. */
  isRepeatable = true;
  /** `grpc-encoding` of the reply; only looked at where compression was offered. */
  encoding: string | undefined;
  /** Called when it has got a stream. */
  onStarted: (() => void) | undefined;
  /** Called when the stream takes more octets again. */
  onWritable: (() => void) | undefined;
  #messages = 0;
  #reader: MessageReader | undefined;
  #count: OnMessage | undefined;
  /** Absent until its reading is paused for the first time. */
  #gate: ReadingGate | undefined;
  /** It ended OK, behind messages that wait. */
  #isEndHeld = false;
  #ended = false;

  constructor(
    ticket: CallTicket,
    request: WireRequest,
    onMessage?: OnReply,
    isReplyStream = false,
  ) {
    this.ticket = ticket;
    this.request = request;
    this.onMessage = onMessage;
    this.isReplyStream = isReplyStream;
    const { format } = request.head;
    if (format.readsAll) this.#reader = new MessageReader(format.receiveBytesMax);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get hasDeadline(): boolean {
    return this.deadlineNs !== Number.POSITIVE_INFINITY;
  }

  expire(): void {
    this.stop(DEADLINE_EXCEEDED);
  }

  cancel(): void {
    this.stop(CANCELLED);
  }

  /** Ends it on our side: the server is told, the owner too. */
  stop(code: number): void {
    if (this.#ended) return;
    this.waitingIn?.left(this);
    const nowNs = this.ticket.owner.now();
    this.connection?.abandon(this, code, nowNs);
    this.end(code, nowNs);
  }

  /** Whether it gives octets back to the server itself: its stream's window is to be held. */
  get holdsWindow(): boolean {
    return this.#gate !== undefined;
  }

  pauseReading(): void {
    if (this.#gate === undefined) {
      this.#gate = new ReadingGate(
        (bytes, start, end, isCompressed) => this.#handOn(bytes, start, end, isCompressed),
        (octets) => this.connection?.consume(this, octets),
        MESSAGE_PREFIX_BYTES,
      );
      // With a reader, octets no longer go the short way, which knows no gate.
      this.#reader ??= new MessageReader(this.request.head.format.receiveBytesMax);
      this.connection?.holdWindow(this);
    }
    this.#gate.pause();
  }

  resumeReading(): void {
    if (this.#ended || this.#gate === undefined) return;
    this.#gate.resume();
    if (this.#isEndHeld && !this.#gate.waits) this.end(STATUS_OK, this.ticket.owner.now());
  }

  /** Takes in octets of the reply. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    if (this.problem !== undefined) return;
    // One message in one piece is what a frame almost always holds.
    if (this.#reader === undefined && isWholeMessage(bytes, start, end)) {
      this.#messages++;
      this.#hand(bytes, start + MESSAGE_PREFIX_BYTES, end);
      return;
    }
    this.#reader ??= new MessageReader(this.request.head.format.receiveBytesMax);
    this.#count ??= (from, first, last, isCompressed) =>
      this.#received(from, first, last, isCompressed);
    const gate = this.#gate;
    gate?.arrived(end - start);
    const problem = this.#reader.read(bytes, start, end, this.#count);
    gate?.settle();
    if (problem !== undefined)
      this.#refuse(problem === 'too-large' ? RESOURCE_EXHAUSTED : INTERNAL);
  }

  /** Of the reply nothing more is wanted: a server that goes on is told to stop. */
  #refuse(code: number): void {
    this.problem = code;
    this.stop(code);
  }

  /** The reply is complete; `code` is what its trailers say. @returns what the call ends with. */
  statusOfReply(code: number): number {
    if (this.problem !== undefined) return this.problem;
    if (code !== STATUS_OK) return code;
    if ((this.#reader?.heldBytes ?? 0) > 0) return INTERNAL;
    if (this.isReplyStream) return code;
    if (this.#messages === 0) return NO_MESSAGE;
    return this.#messages === 1 ? code : INTERNAL;
  }

  /**
   * Tells the owner of the end, which was at `endNs` of the load clock: at once, unless it is OK and
   * messages wait.
   */
  end(code: number, endNs: number): void {
    if (this.#ended) return;
    if (code === STATUS_OK && this.#gate?.waits) {
      this.#isEndHeld = true;
      return;
    }
    this.#ended = true;
    const { ticket } = this;
    ticket.ended = true;
    ticket.owner.callEnded(ticket, code, endNs);
  }

  #hand(bytes: Uint8Array, start: number, end: number): void {
    if (this.onMessage?.(bytes, start, end) === false) this.#refuse(INTERNAL);
  }

  #received(bytes: Uint8Array, start: number, end: number, isCompressed: boolean): void {
    if (this.problem !== undefined) return;
    this.#messages++;
    if (this.#gate === undefined) this.#handOn(bytes, start, end, isCompressed);
    else this.#gate.take(bytes, start, end, isCompressed);
  }

  #handOn(bytes: Uint8Array, start: number, end: number, isCompressed: boolean): void {
    if (this.#ended) return;
    if (!isCompressed) {
      this.#hand(bytes, start, end);
      return;
    }
    // An encoding that was not named, or not offered, is the server's mistake.
    const message =
      this.encoding === GZIP
        ? gunzipMessage(bytes, start, end, this.request.head.format.receiveBytesMax)
        : 'corrupt';
    if (typeof message !== 'string') this.#hand(message, 0, message.length);
    else this.#refuse(message === 'too-large' ? RESOURCE_EXHAUSTED : INTERNAL);
  }
}

function isWholeMessage(bytes: Uint8Array, start: number, end: number): boolean {
  const length =
    (bytes[start + 1] as number) * 0x1000000 +
    (((bytes[start + 2] as number) << 16) |
      ((bytes[start + 3] as number) << 8) |
      (bytes[start + 4] as number));
  return bytes[start] === 0 && length === end - start - MESSAGE_PREFIX_BYTES;
}
