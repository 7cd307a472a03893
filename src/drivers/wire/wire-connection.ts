/**
 * One connection of the wire driver: its streams are calls, each stream's call in the row of its slot.
 */
import { monotonicNowNs, NS_PER_MS } from '../../base/clock.js';
import { statusCode } from '../../base/status.js';
import type { Connection } from '../../http2/connection.js';
import type {
  ConnectionHandler,
  ConnectionOptions,
  ResetCause,
} from '../../http2/connection-options.js';
import {
  CANCEL,
  ENHANCE_YOUR_CALM,
  errorCodeName,
  NO_ERROR,
  REFUSED_STREAM,
} from '../../http2/error-code.js';
import { statusOfErrorCode } from '../../http2/grpc-status.js';
import type { HeaderBlock } from '../../http2/header-block.js';
import { fieldValue } from '../../http2/header-field.js';
import { Keepalive, type KeepaliveTimes } from '../../http2/keepalive.js';
import { TOO_MANY_PINGS } from '../../http2/ping-policy.js';
import { connectTransport, type SocketTransport } from '../../http2/socket-transport.js';
import { closeReason } from './close-reason.js';
import { ReplyStatus } from './reply-status.js';
import { RequestSender } from './request-sender.js';
import type { WireAddress } from './wire-address.js';
import type { WireCall } from './wire-call.js';

const INTERNAL = statusCode('INTERNAL');
const UNAVAILABLE = statusCode('UNAVAILABLE');
const DEADLINE_EXCEEDED = statusCode('DEADLINE_EXCEEDED');

/** What all connections of a driver announce and count. */
export type ConnectionSetup = Pick<ConnectionOptions, 'settings' | 'windowWaits'>;

/** What a connection tells its endpoint. */
export interface WireConnectionOwner {
  /** It can take calls. */
  onReady(connection: WireConnection): void;
  /** It can take one more, or no more at all: see `isLeaving`. */
  onRoom(connection: WireConnection): void;
  /** The server did not look at the call: it may go elsewhere, uncharged. */
  onUnprocessed(call: WireCall): void;
  /** It is gone; its calls have ended. */
  onClosed(connection: WireConnection): void;
}

export class WireConnection implements ConnectionHandler {
  readonly #address: WireAddress;
  /** Among the connections of its driver. */
  readonly #number: number;
  readonly #owner: WireConnectionOwner;
  readonly #transport: SocketTransport;
  readonly #connection: Connection;
  readonly #replies = new ReplyStatus();
  readonly #calls: (WireCall | undefined)[] = [];
  readonly #requests: RequestSender;
  /** Calls that have more to send when the socket takes more. */
  #congested = new Set<WireCall>();
  #isOpen = false;
  #isReady = false;
  #isLeaving = false;
  #isIdle = false;
  readonly #keepaliveTimes: KeepaliveTimes | undefined;
  #keepalive: Keepalive | undefined;
  /** The peer left a ping without an answer for so long. */
  #silentMs: number | undefined;
  #goaway: { code: number; debug: string } | undefined;
  #gaveUpMs: number | undefined;
  #error: Error | undefined;

  constructor(
    address: WireAddress,
    number: number,
    setup: ConnectionSetup,
    owner: WireConnectionOwner,
    keepalive?: KeepaliveTimes,
  ) {
    this.#address = address;
    this.#number = number;
    this.#keepaliveTimes = keepalive;
    this.#owner = owner;
    this.#transport = connectTransport(address.where, setup, this, {
      onDrain: () => this.#drained(),
      onOpen: () => {
        this.#isOpen = true;
      },
      onClose: (error) => {
        this.#error = error;
        this.#keepalive?.stop();
        owner.onClosed(this);
      },
    });
    this.#connection = this.#transport.connection;
    this.#requests = new RequestSender(this.#connection, address);
  }

  /** The socket is connected. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** It takes no more calls; those that it has go on. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Whether it was of any use: a reply has begun on it. */
  get hasAnswered(): boolean {
    return this.#replies.hasRead;
  }

  /** It ended as it should: the server said so before, and all calls were done. */
  get isDone(): boolean {
    return this.#isIdle && this.#goaway?.code === NO_ERROR;
  }

  /** The server has sent us away for our keepalive. */
  get hasPingedTooMuch(): boolean {
    return this.#goaway?.code === ENHANCE_YOUR_CALM && this.#goaway.debug === TOO_MANY_PINGS;
  }

  /** Once it is gone: why, as a clause. */
  get closeReason(): string {
    return closeReason({
      error: this.#error,
      wasOpen: this.#isOpen,
      wasReady: this.#isReady,
      goaway: this.#goaway,
      gaveUpMs: this.#gaveUpMs,
      silentMs: this.#silentMs,
    });
  }

  /** Sends a call's first frames. @returns false when it could not be started. */
  start(call: WireCall): boolean {
    if (!this.#isReady || this.#isLeaving) return false;
    const { ticket } = call;
    const streamId = this.#requests.start(call);
    if (streamId === 0) return false;
    const slot = this.#connection.slotOf(streamId);
    this.#calls[slot] = call;
    call.connection = this;
    call.slot = slot;
    call.streamId = streamId;
    if (!call.isPrompt) call.attemptStartNs = ticket.owner.now();
    if (call.holdsWindow) this.holdWindow(call);
    const kind = ticket.nextAttemptKind(0);
    ticket.owner.attemptStarted(ticket, this.#address.name, kind, this.#number);
    call.sending?.onStarted();
    this.#keepalive?.streamStarted();
    return true;
  }

  /** It has not become ready in time: ends it. */
  giveUp(limitMs: number): void {
    if (this.#isReady) return;
    this.#gaveUpMs = limitMs;
    this.#transport.destroy();
  }

  /** Our side gives a call up: the server is told to stop. The call ends itself. */
  abandon(call: WireCall, code: number, nowNs: number): void {
    const { streamId } = call;
    this.#detach(call, code, nowNs);
    this.#connection.reset(streamId, CANCEL);
  }

  /** Sends as much of a message as the windows take. @returns how much that was; -1: none ever. */
  send(call: WireCall, bytes: Uint8Array, start: number, end: number, endStream: boolean): number {
    return this.#connection.sendData(call.streamId, bytes, start, end, endStream, call.slot);
  }

  /** Sends a message whole. @returns what the windows still take; -1: nothing of it was sent. */
  sendMessage({ streamId, slot }: WireCall, message: Uint8Array): number {
    return this.#connection.sendMessage(streamId, slot, message, false);
  }

  /** From now on the call itself says which octets of its reply it is done with. */
  holdWindow({ streamId }: WireCall): void {
    this.#connection.holdStreamWindow(streamId);
  }

  consume({ streamId }: WireCall, octets: number): void {
    this.#connection.consume(streamId, octets);
  }

  /** The socket takes no more for now. */
  get isCongested(): boolean {
    return this.#transport.isCongested;
  }

  /** Tells a call that it is writable, once the socket takes more again. */
  onceDrained(call: WireCall): void {
    this.#congested.add(call);
  }

  /** Takes no more calls, and ends when those that it has are done. */
  leave(): void {
    if (!this.#isReady) {
      this.close();
      return;
    }
    this.#isLeaving = true;
    this.#connection.shutdown();
    this.#transport.flush();
  }

  /** Ends it; calls still on it end as well. */
  close(): void {
    this.#isLeaving = true;
    this.#connection.close();
    this.#transport.flush();
    this.#transport.destroy();
  }

  onHeaders(_id: number, block: HeaderBlock, endStream: boolean, slot: number): void {
    const call = this.#calls[slot];
    if (call === undefined) return;
    if (endStream) this.#finish(call, call.statusOfReply(this.#replies.ofLastBlock(block)));
    else if (block.kind === 'response' && block.status >= 200) {
      call.ticket.sample?.gotHeaders(call.ticket.owner.now());
      call.problem ??= this.#replies.problemOfHead(block);
      // It is committed to this attempt (gRFC A6), whatever the server says of it afterwards.
      call.isRepeatable = false;
      if (call.request.head.format.compresses)
        call.encoding = fieldValue(block.fields, 'grpc-encoding');
    }
  }

  onData(
    _id: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
    slot: number,
  ): void {
    const call = this.#calls[slot];
    if (call === undefined) return;
    if (end > start) call.receive(bytes, start, end);
    // A reply ends with trailers; one that ends without lacks its status.
    if (endStream && !call.ended) this.#finish(call, call.problem ?? INTERNAL);
  }

  onReset(_id: number, code: number, cause: ResetCause, slot: number): void {
    const call = this.#calls[slot];
    if (call === undefined || cause === 'done') return;
    this.#calls[slot] = undefined;
    const resetCode = cause === 'peer' ? code : undefined;
    const isRefused = cause === 'unprocessed' || (cause === 'peer' && code === REFUSED_STREAM);
    if (call.isRepeatable && isRefused && !call.wasRefused) {
      call.wasRefused = true;
      this.#detach(call, UNAVAILABLE, call.ticket.owner.now(), resetCode);
      this.#owner.onUnprocessed(call);
      return;
    }
    this.#finish(call, this.#statusOfReset(call, code, cause), resetCode);
  }

  onStreamEnd(_id: number, slot: number): void {
    this.#calls[slot] = undefined;
    this.#owner.onRoom(this);
  }

  onWritable(_id: number, slot: number): void {
    this.#calls[slot]?.sending?.onWritable();
  }

  onSettings(): void {
    if (this.#isReady) {
      this.#owner.onRoom(this);
      return;
    }
    this.#isReady = true;
    this.#startKeepalive();
    this.#owner.onReady(this);
  }

  onGoaway(_lastStreamId: number, code: number, debug: string): void {
    this.#goaway = { code, debug };
    this.#isLeaving = true;
    this.#owner.onRoom(this);
  }

  onIdle(): void {
    this.#isIdle = true;
    this.#transport.destroy();
  }

  onClosed(): void {
    this.#isLeaving = true;
  }

  #startKeepalive(): void {
    const times = this.#keepaliveTimes;
    if (times === undefined) return;
    this.#keepalive = new Keepalive(this.#connection, times, () => {
      this.#silentMs = times.timeoutNs / NS_PER_MS;
      this.#transport.destroy();
    });
  }

  #drained(): void {
    const congested = this.#congested;
    this.#congested = new Set();
    for (const call of congested) if (call.connection === this) call.sending?.onWritable();
  }

  #statusOfReset(call: WireCall, code: number, cause: ResetCause): number {
    if (cause === 'connection' || cause === 'unprocessed') return UNAVAILABLE;
    if (cause === 'stream-error') return INTERNAL;
    const isLate = monotonicNowNs() >= call.deadlineNs;
    // A server whose own deadline timer was first cancels the stream: that is the deadline's doing.
    return code === CANCEL && isLate ? DEADLINE_EXCEEDED : statusOfErrorCode(code);
  }

  #finish(call: WireCall, code: number, resetCode?: number): void {
    const { streamId } = call;
    const nowNs = call.ticket.owner.now();
    this.#detach(call, code, nowNs, resetCode);
    // A server may end a stream of messages before we did: nothing that we could still send has a use.
    if (call.request.body === undefined) this.#connection.reset(streamId, NO_ERROR);
    call.end(code, nowNs);
  }

  /** Ends the attempt, not the call. @param resetCode of the server, where it reset the stream. */
  #detach(call: WireCall, code: number, nowNs: number, resetCode?: number): void {
    const { ticket } = call;
    if (this.#calls[call.slot] === call) this.#calls[call.slot] = undefined;
    call.connection = undefined;
    call.streamId = 0;
    call.isPrompt = false;
    const tookNs = nowNs - (call.attemptStartNs ?? ticket.sentNs);
    const word = resetCode === undefined ? undefined : { resetCode: errorCodeName(resetCode) };
    ticket.owner.attemptEnded(ticket, this.#address.name, code, tookNs, word);
  }
}
