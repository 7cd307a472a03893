/**
 * One call of the wire driver, from being asked for to its end: what was asked, on which stream it is,
 * and what of the reply has come.
 */
import { STATUS_OK, statusCode } from '../../base/status.js';
import type { OnReply, ReadingSide } from '../../calls/channel.js';
import type { CallTicket } from '../../calls/ticket.js';
import { MESSAGE_PREFIX_BYTES } from '../../http2/grpc-message.js';
import type { Expiring } from './deadline-queue.js';
import { type ReplyOwner, ReplyReading } from './reply-reading.js';
import type { WaitingCalls } from './waiting-calls.js';
import type { WireConnection } from './wire-connection.js';
import type { WireRequest } from './wire-requests.js';

const CANCELLED = statusCode('CANCELLED');
const DEADLINE_EXCEEDED = statusCode('DEADLINE_EXCEEDED');
const INTERNAL = statusCode('INTERNAL');
/** What grpc-js makes of an OK without a message, where one is due. */
const NO_MESSAGE = statusCode('UNIMPLEMENTED');

/** What sends a stream of messages on a call. */
export interface SendingSide {
  /** The call has got a stream. */
  onStarted(): void;
  /** The stream takes more octets again. */
  onWritable(): void;
}

/**
 * As small as it can be, and what a reply needs first: thousands are open, and each is out of the
 * processor's caches when its reply comes.
 */
export class WireCall implements Expiring, ReadingSide, ReplyOwner {
  readonly ticket: CallTicket;
  readonly request: WireRequest;
  /** Told of the messages of the reply; absent where nobody reads them. */
  readonly onMessage: OnReply | undefined;
  /** Whether the reply is any number of messages, not exactly one. */
  readonly isReplyStream: boolean;
  /** The connection and stream of its attempt, and the stream's slot there; 0: none now. */
  connection: WireConnection | undefined;
  streamId = 0;
  slot = 0;
  /** On the load clock; undefined: when the call was handed over. */
  attemptStartNs: number | undefined;
  /** Status that the call will end with whatever the trailers say. */
  problem: number | undefined;
  /** Whether all that was sent on its stream is in `request`, so that it can be sent again. */
  isRepeatable = true;
  /** It has not waited for a stream and was not tried before: it starts when it is handed over. */
  isPrompt = true;
  #ended = false;
  #messages = 0;
  /** Absent of nearly all calls. */
  #reading: ReplyReading | undefined;
  // From here on: what a call that goes well is not asked for.
  deadlineNs = Number.POSITIVE_INFINITY;
  /** Of a call that sends a stream of messages. */
  sending: SendingSide | undefined;
  /** Where it waits for a stream. */
  waitingIn: WaitingCalls | undefined;
  /** Without any connection it waits for one, and does not fail at once. */
  waitsForReady = false;
  /** It has waited for a stream before. */
  wasQueued = false;
  /** A stream that the server refused untouched is tried once more (gRFC A6). */
  wasRefused = false;

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
    if (request.head.format.readsAll) this.#read();
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
    return this.#reading?.holdsWindow === true;
  }

  /** What the server says its messages are under. */
  set encoding(encoding: string | undefined) {
    if (encoding !== undefined) this.#read().encoding = encoding;
  }

  pauseReading(): void {
    if (this.#read().pause()) this.connection?.holdWindow(this);
  }

  resumeReading(): void {
    const reading = this.#reading;
    if (this.#ended || reading === undefined) return;
    reading.resume();
    if (reading.isEndHeld && !reading.waits) this.end(STATUS_OK, this.ticket.owner.now());
  }

  /** Takes in octets of the reply. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    if (this.problem !== undefined) return;
    // One message in one piece is what a frame almost always holds.
    if (this.#reading !== undefined || !isWholeMessage(bytes, start, end)) {
      this.#read().read(bytes, start, end);
      return;
    }
    this.#messages++;
    this.hand(bytes, start + MESSAGE_PREFIX_BYTES, end);
  }

  get isRefused(): boolean {
    return this.problem !== undefined;
  }

  countMessage(): void {
    this.#messages++;
  }

  hand(bytes: Uint8Array, start: number, end: number): void {
    if (this.onMessage?.(bytes, start, end) === false) this.refuse(INTERNAL);
  }

  /** Of the reply nothing more is wanted: a server that goes on is told to stop. */
  refuse(code: number): void {
    this.problem = code;
    this.stop(code);
  }

  giveBack(octets: number): void {
    this.connection?.consume(this, octets);
  }

  /** The reply is complete; `code` is what its trailers say. @returns what the call ends with. */
  statusOfReply(code: number): number {
    if (this.problem !== undefined) return this.problem;
    if (code !== STATUS_OK) return code;
    if (this.#reading !== undefined && this.#reading.heldBytes > 0) return INTERNAL;
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
    if (code === STATUS_OK && this.#reading?.waits === true) {
      this.#reading.isEndHeld = true;
      return;
    }
    this.#ended = true;
    const { ticket } = this;
    ticket.ended = true;
    ticket.owner.callEnded(ticket, code, endNs);
  }

  /** What reads the reply from now on: octets no longer go the short way. */
  #read(): ReplyReading {
    this.#reading ??= new ReplyReading(this, this.request.head.format.receiveBytesMax);
    return this.#reading;
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
