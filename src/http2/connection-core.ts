/**
 * What the receiving and the sending half of a connection share: the streams and their states, the
 * windows, the output, and how things end.
 *
 * Stream states (RFC 9113 §5.1) are the two bits CAN_SEND and CAN_RECEIVE of a stream's flags; a
 * stream without either is closed and leaves the table. There are no reserved states, for nobody
 * here pushes.
 *
 *             start / a request comes
 *   idle ───────────────────────────────► open ── END_STREAM sent ────► half closed (local)
 *                                          │  │                               │
 *                          END_STREAM got  │  └─ RST_STREAM either way ─┐     │ END_STREAM got
 *                                          ▼                            ▼     ▼
 *                             half closed (remote) ── END_STREAM sent ──► closed
 */
import { monotonicNowNs, type NowNs } from '../base/clock.js';
import {
  type ConnectionHandler,
  type ConnectionLimits,
  type ConnectionOptions,
  DEFAULT_LIMITS,
  type ResetCause,
  type WindowUpdates,
} from './connection-options.js';
import { ConnectionError, ENHANCE_YOUR_CALM, NO_ERROR } from './error-code.js';
import { INT31_MAX, WINDOW_BYTES_DEFAULT } from './frame.js';
import { writeGoaway, writeRstStream, writeWindowUpdate } from './frame-writer.js';
import { HpackEncoder } from './hpack-encoder.js';
import { OutputBuffer } from './output-buffer.js';
import { ResetMemory } from './reset-memory.js';
import { INITIAL_SETTINGS, type Settings } from './settings.js';
import { CAN_RECEIVE, CAN_SEND, HOLDS_WINDOW, StreamTable } from './stream-table.js';
import { TokenBucket } from './token-bucket.js';
import { ConnectionWaits } from './window-waits.js';

const CONNECTION_WINDOW_DEFAULT = 16 * 1024 * 1024;

export class ConnectionCore {
  readonly isClient: boolean;
  readonly handler: ConnectionHandler;
  readonly limits: ConnectionLimits;
  readonly now: NowNs;
  readonly table = new StreamTable();
  readonly output = new OutputBuffer();
  readonly encoder: HpackEncoder;
  readonly ownResets = new ResetMemory();
  /** What the peer announced. */
  readonly peer: Settings = { ...INITIAL_SETTINGS };
  /** What this end announced, as far as the peer has acknowledged it. */
  readonly local: Settings = { ...INITIAL_SETTINGS };
  /** Octets that may still be sent on the connection. */
  sendWindow = WINDOW_BYTES_DEFAULT;
  /** Octets that the peer may still send on the connection, and what it is filled up to. */
  receiveWindow: number;
  readonly receiveWindowMax: number;
  /** What a stream may receive at first; follows this end's SETTINGS (`OwnSettings`). */
  streamWindow = WINDOW_BYTES_DEFAULT;
  /** A stream's window is filled up when this much of it is used. */
  streamReturnBytes = WINDOW_BYTES_DEFAULT >> 1;
  /** The id of the next stream of this end (a client's), and the highest of the peer's. */
  nextStreamId = 1;
  lastPeerStreamId = 0;
  /** Highest stream that the peer's GOAWAY promises to look at; absent before one. */
  goawayReceived: number | undefined;
  /** Highest stream that this end's GOAWAY promises to look at; absent before one. */
  goawaySent: number | undefined;
  isClosed = false;
  /** The peer's first SETTINGS are here. */
  hasPeerSettings = false;
  /** Streams whose owner, or queue, waits for a window. */
  readonly blocked = new Set<number>();
  /** Forgets what was queued for a stream; set by the sending half. */
  forgetQueued: (streamId: number) => void = () => {};
  readonly #windowUpdates: WindowUpdates;
  readonly #waits: ConnectionWaits | undefined;
  readonly #resets: TokenBucket;
  readonly #onOutput: (() => void) | undefined;
  readonly #onFinished: ((error: ConnectionError | undefined) => void) | undefined;
  #unreturned = 0;
  /** For how many reasons the connection's window is held. */
  #windowHolds = 0;
  #unsentReplies = 0;
  /** The owner knows that there is output, or will ask for it anyway. */
  #isOutputKnown = true;

  constructor(options: ConnectionOptions, handler: ConnectionHandler) {
    this.isClient = options.role === 'client';
    this.handler = handler;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.now = options.now ?? monotonicNowNs;
    this.encoder = new HpackEncoder({
      ...(options.indexing && { indexing: options.indexing }),
      ...(options.encoderTableBytesMax !== undefined && {
        tableSizeMax: options.encoderTableBytesMax,
      }),
    });
    const wanted = options.connectionWindowBytes ?? CONNECTION_WINDOW_DEFAULT;
    this.receiveWindowMax = Math.max(wanted, WINDOW_BYTES_DEFAULT);
    this.receiveWindow = this.receiveWindowMax;
    this.#windowUpdates = options.windowUpdates ?? 'automatic';
    this.#waits = options.windowWaits && new ConnectionWaits(options.windowWaits);
    this.#resets = new TokenBucket(this.limits.resets, this.now);
    this.#onOutput = options.onOutput;
    this.#onFinished = options.onFinished;
  }

  /** Something was appended to the output. */
  appended(): void {
    if (this.#isOutputKnown) return;
    this.#isOutputKnown = true;
    this.#onOutput?.();
  }

  /** The owner need not be told of output: it takes it after what it does now. */
  expectTaking(): void {
    this.#isOutputKnown = true;
  }

  takeOutput(): Buffer | undefined {
    this.#isOutputKnown = false;
    this.#unsentReplies = 0;
    return this.output.take();
  }

  /** Counts a frame that answers one of the peer's: it may not make us pile them up. */
  countReply(): void {
    this.#unsentReplies++;
    if (this.#unsentReplies > this.limits.unsentRepliesMax) {
      throw new ConnectionError(ENHANCE_YOUR_CALM, 'the peer does not read what it asks for');
    }
    this.appended();
  }

  /** A stream that has ended before a client's time: so many are allowed (CVE-2023-44487). */
  countReset(): void {
    if (this.isClient || this.#resets.take()) return;
    throw new ConnectionError(ENHANCE_YOUR_CALM, 'streams are reset too often');
  }

  /** This end has sent END_STREAM. */
  endSend(slot: number): void {
    const flags = (this.table.flags[slot] as number) & ~CAN_SEND;
    this.table.flags[slot] = flags;
    if ((flags & CAN_RECEIVE) === 0) this.endStream(slot);
  }

  /** A stream has more to send than the windows take. */
  block(streamId: number, slot: number): void {
    this.blocked.add(streamId);
    this.#waits?.blocked(streamId, this.table.sendWindow[slot] as number, this.sendWindow);
  }

  /** It may go on, or is over. */
  unblock(streamId: number): void {
    this.blocked.delete(streamId);
    if (this.#waits === undefined) return;
    this.#waits.streamFreed(streamId);
    if (this.blocked.size === 0) this.#waits.connectionFreed();
  }

  /** The connection's window is used up, and streams are left that have something to send. */
  connectionStopped(): void {
    this.#waits?.connectionBlocked();
  }

  /** A send window grew: a stream's, or with 0 the connection's. */
  windowGrew(streamId: number, window: number): void {
    if (this.#waits === undefined || window <= 0) return;
    if (streamId === 0) this.#waits.connectionFreed();
    else this.#waits.streamFreed(streamId);
  }

  /** Takes a closed stream out of the table. */
  endStream(slot: number): void {
    const streamId = this.table.ids[slot] as number;
    if (this.blocked.size > 0) this.unblock(streamId);
    this.forgetQueued(streamId);
    // First out of the table: who starts the next stream on this one's end needs its place.
    this.table.remove(slot);
    this.handler.onStreamEnd(streamId, slot);
    if (this.table.count === 0) this.checkIdle();
  }

  /**
   * Tells the owner when a GOAWAY has been followed by the end of the last stream. A server's warning
   * is none: streams that the peer started before it heard of it are still to come.
   */
  checkIdle(): void {
    if (this.goawaySent === INT31_MAX) return;
    const isLeaving = this.goawayReceived !== undefined || this.goawaySent !== undefined;
    if (isLeaving && this.table.count === 0 && !this.isClosed) this.handler.onIdle();
  }

  /** Ends a stream with a cause; says nothing to the peer. */
  abandon(slot: number, code: number, cause: ResetCause): void {
    const streamId = this.table.ids[slot] as number;
    const flags = this.table.flags[slot] as number;
    // A stream without either is ending already: this comes from within its own last callback.
    if ((flags & (CAN_SEND | CAN_RECEIVE)) === 0) return;
    this.table.flags[slot] = flags & ~(CAN_SEND | CAN_RECEIVE);
    this.handler.onReset(streamId, code, cause, slot);
    this.endStream(slot);
  }

  /** Sends RST_STREAM; what still comes on the stream will be ignored. */
  sendReset(streamId: number, code: number): void {
    this.ownResets.add(streamId);
    writeRstStream(this.output, streamId, code);
    this.appended();
  }

  /** The peer broke a rule on one stream (§5.4.2). The stream need not exist any more. */
  streamError(streamId: number, code: number): void {
    this.sendReset(streamId, code);
    this.countReply();
    const slot = this.table.find(streamId);
    if (slot >= 0) this.abandon(slot, code, 'stream-error');
    this.countReset();
  }

  /** Octets came on a stream: fills its window up unless the owner does. */
  takeIn(slot: number, octets: number, padding: number): void {
    if (this.#givesBackTo(slot)) this.returnStream(slot, octets);
    else if (padding > 0) this.returnStream(slot, padding);
    this.returnConnection(this.#windowUpdates === 'manual' ? padding : octets);
  }

  /** The owner has done with octets of a stream, which may have ended since. */
  consume(streamId: number, octets: number): void {
    const slot = this.table.find(streamId);
    if (slot >= 0 && !this.#givesBackTo(slot)) this.returnStream(slot, octets);
    if (this.#windowUpdates === 'manual') this.returnConnection(octets);
    this.appended();
  }

  /** From now on the owner gives back what comes on a stream, by `consume`. */
  holdStreamWindow(slot: number): void {
    this.table.flags[slot] = (this.table.flags[slot] as number) | HOLDS_WINDOW;
  }

  /** Whether the connection itself fills a stream's window up. */
  #givesBackTo(slot: number): boolean {
    if (this.#windowUpdates !== 'automatic') return false;
    return ((this.table.flags[slot] as number) & HOLDS_WINDOW) === 0;
  }

  /** Gives octets back to a stream's window, once half of it is used. */
  returnStream(slot: number, octets: number): void {
    const { table } = this;
    const unreturned = (table.unreturned[slot] as number) + octets;
    const isOpen = ((table.flags[slot] as number) & CAN_RECEIVE) !== 0;
    if (unreturned < this.streamReturnBytes || !isOpen) {
      table.unreturned[slot] = unreturned;
      return;
    }
    table.unreturned[slot] = 0;
    table.receiveWindow[slot] = (table.receiveWindow[slot] as number) + unreturned;
    writeWindowUpdate(this.output, table.ids[slot] as number, unreturned);
  }

  /** Gives octets back to the connection's window, once half of it is used. */
  returnConnection(octets: number): void {
    this.#unreturned += octets;
    if (this.#unreturned < this.receiveWindowMax >> 1 || this.#windowHolds > 0) return;
    this.receiveWindow += this.#unreturned;
    writeWindowUpdate(this.output, 0, this.#unreturned);
    this.#unreturned = 0;
  }

  /**
   * Gives nothing back to the connection's window until it was told to go on as often as to hold it;
   * then all at once.
   */
  holdWindow(isHeld: boolean): void {
    this.#windowHolds += isHeld ? 1 : -1;
    if (this.#windowHolds > 0 || this.isClosed) return;
    this.returnConnection(0);
    this.appended();
  }

  /** Sends GOAWAY with the highest stream that was or will be looked at. */
  sendGoaway(lastStreamId: number, code: number, debug: string): void {
    // What an earlier one has refused stays refused (§6.8).
    const last = Math.min(lastStreamId, this.goawaySent ?? lastStreamId);
    this.goawaySent = last;
    writeGoaway(this.output, last, code, debug);
    this.appended();
  }

  /** Ends everything; the first call counts. `code` is what the streams are told. */
  finish(code: number, error: ConnectionError | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.table.forEach((slot) => {
      this.abandon(slot, code, 'connection');
    });
    this.handler.onClosed(error);
    this.#onFinished?.(error);
  }

  /** Ends everything because of an error, saying so to the peer (§5.4.1). */
  fail(error: ConnectionError): void {
    if (this.isClosed) return;
    this.sendGoaway(this.lastPeerStreamId, error.code, error.message);
    this.finish(error.code, error);
  }

  /** Ends everything in order. */
  close(code = NO_ERROR, debug = ''): void {
    if (this.isClosed) return;
    this.sendGoaway(this.lastPeerStreamId, code, debug);
    this.finish(code, undefined);
  }
}
