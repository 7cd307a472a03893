/**
 * The receiving half of a connection: what each frame means in the state it comes in (RFC 9113 §5,
 * §6 and §8.1). Errors of a stream reset it; errors of the connection are thrown.
 */
import type { ConnectionCore } from './connection-core.js';
import {
  ConnectionError,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  NO_ERROR,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  STREAM_CLOSED,
} from './error-code.js';
import { INT31_MAX, PING_BYTES, WINDOW_BYTES_DEFAULT } from './frame.js';
import type { FrameHandler } from './frame-reader.js';
import type { FrameSender } from './frame-sender.js';
import { writePing, writeSettingsAck } from './frame-writer.js';
import type { HeaderBlock } from './header-block.js';
import type { HpackDecoder } from './hpack-decoder.js';
import type { OwnSettings } from './own-settings.js';
import type { PingBook } from './ping-book.js';
import { readSettings } from './settings.js';
import { CAN_RECEIVE, CAN_SEND, GOT_HEADERS, HAS_LENGTH, IS_INCOMING } from './stream-table.js';
import { TokenBucket } from './token-bucket.js';

export class FrameReceiver implements FrameHandler {
  readonly #core: ConnectionCore;
  readonly #decoder: HpackDecoder;
  readonly #sender: FrameSender;
  readonly #settings: OwnSettings;
  readonly #pings: PingBook;
  readonly #pingRate: TokenBucket;
  readonly #settingsRate: TokenBucket;
  readonly #idleRate: TokenBucket;
  /** WINDOW_UPDATE frames, and the octets that those of the connection gave. */
  #windowUpdates = 0;
  #creditBytes = WINDOW_BYTES_DEFAULT;

  constructor(
    core: ConnectionCore,
    decoder: HpackDecoder,
    sender: FrameSender,
    settings: OwnSettings,
    pings: PingBook,
  ) {
    this.#core = core;
    this.#decoder = decoder;
    this.#sender = sender;
    this.#settings = settings;
    this.#pings = pings;
    this.#pingRate = new TokenBucket(core.limits.pings, core.now);
    this.#settingsRate = new TokenBucket(core.limits.settings, core.now);
    this.#idleRate = new TokenBucket(core.limits.idleFrames, core.now);
  }

  onData(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
    endStream: boolean,
  ): void {
    const core = this.#core;
    const { table } = core;
    core.receiveWindow -= flowBytes;
    if (core.receiveWindow < 0) {
      throw new ConnectionError(FLOW_CONTROL_ERROR, 'DATA exceeds the connection window');
    }
    if (start === end && !endStream) this.onIdleFrame();
    const slot = table.find(streamId);
    const flags = slot < 0 ? 0 : (table.flags[slot] as number);
    if ((flags & (CAN_RECEIVE | GOT_HEADERS)) !== (CAN_RECEIVE | GOT_HEADERS)) {
      core.returnConnection(flowBytes);
      this.#misplacedData(streamId, slot, flags);
      return;
    }
    const window = (table.receiveWindow[slot] as number) - flowBytes;
    if (window < 0) {
      core.returnConnection(flowBytes);
      core.streamError(streamId, FLOW_CONTROL_ERROR);
      return;
    }
    table.receiveWindow[slot] = window;
    if ((flags & HAS_LENGTH) !== 0 && !this.#isLengthKept(slot, end - start, endStream)) {
      core.returnConnection(flowBytes);
      core.streamError(streamId, PROTOCOL_ERROR);
      return;
    }
    if (endStream) table.flags[slot] = flags & ~CAN_RECEIVE;
    if (flowBytes > 0) core.takeIn(slot, flowBytes, flowBytes - (end - start));
    core.handler.onData(streamId, bytes, start, end, endStream, slot);
    if (endStream) this.#endReceive(streamId, slot);
  }

  onFieldBlock(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    // First of all and in any case: the block changes the table that later blocks refer to.
    const block = this.#decoder.decode(bytes, start, end);
    const { table } = this.#core;
    const slot = table.find(streamId);
    if (slot < 0) {
      this.#openIncoming(streamId, block, endStream);
      return;
    }
    const flags = table.flags[slot] as number;
    if ((flags & CAN_RECEIVE) === 0) {
      this.#core.streamError(streamId, STREAM_CLOSED);
    } else if (block.isTruncated) {
      this.#core.streamError(streamId, ENHANCE_YOUR_CALM);
    } else if ((flags & GOT_HEADERS) === 0) {
      this.#response(streamId, slot, flags, block, endStream);
    } else if (block.kind === 'trailers' && endStream) {
      this.#deliver(streamId, slot, flags, block, true);
    } else {
      // A second header block must be trailers, and those end the stream (§8.1).
      this.#core.streamError(streamId, PROTOCOL_ERROR);
    }
  }

  #response(
    streamId: number,
    slot: number,
    flags: number,
    block: HeaderBlock,
    endStream: boolean,
  ): void {
    const isInterim = block.status < 200;
    if (block.kind !== 'response' || (isInterim && endStream)) {
      this.#core.streamError(streamId, PROTOCOL_ERROR);
      return;
    }
    this.#deliver(streamId, slot, isInterim ? flags : flags | GOT_HEADERS, block, endStream);
  }

  #deliver(
    streamId: number,
    slot: number,
    flags: number,
    block: HeaderBlock,
    endStream: boolean,
  ): void {
    const { table } = this.#core;
    let now = flags;
    if (block.contentLength >= 0 && hasBody(block)) {
      now |= HAS_LENGTH;
      table.bodyLeft[slot] = block.contentLength;
    }
    // The flags are set first: an error below must find a stream that can still be reset.
    table.flags[slot] = now;
    if (endStream && (now & HAS_LENGTH) !== 0 && !this.#isLengthKept(slot, 0, true)) {
      this.#core.streamError(streamId, PROTOCOL_ERROR);
      return;
    }
    table.flags[slot] = endStream ? now & ~CAN_RECEIVE : now;
    this.#core.handler.onHeaders(streamId, block, endStream, slot);
    if (endStream) this.#endReceive(streamId, slot);
  }

  /** Counts octets of a body whose length was announced (§8.1.1). @returns false when it is wrong. */
  #isLengthKept(slot: number, octets: number, endStream: boolean): boolean {
    const { bodyLeft } = this.#core.table;
    const left = (bodyLeft[slot] as number) - octets;
    bodyLeft[slot] = left;
    return endStream ? left === 0 : left >= 0;
  }

  /** The handler may have ended the stream, and even given its slot to another. */
  #endReceive(streamId: number, slot: number): void {
    const { table } = this.#core;
    const isOver = ((table.flags[slot] as number) & CAN_SEND) === 0;
    if (table.ids[slot] === streamId && isOver) this.#core.endStream(slot);
  }

  /** HEADERS on a stream that is not in the table: a request, or a mistake. */
  #openIncoming(streamId: number, block: HeaderBlock, endStream: boolean): void {
    const core = this.#core;
    if (!this.#isIdle(streamId)) {
      this.#checkClosed(streamId, 'HEADERS');
      return;
    }
    if (core.isClient || (streamId & 1) === 0) {
      throw new ConnectionError(PROTOCOL_ERROR, `HEADERS on the idle stream ${streamId}`);
    }
    core.lastPeerStreamId = streamId;
    if (core.goawaySent !== undefined && streamId > core.goawaySent) {
      core.ownResets.add(streamId);
    } else if (core.table.count >= core.local.maxConcurrentStreams) {
      core.streamError(streamId, REFUSED_STREAM);
    } else if (block.isTruncated) {
      core.streamError(streamId, ENHANCE_YOUR_CALM);
    } else if (block.kind !== 'request') {
      core.streamError(streamId, PROTOCOL_ERROR);
    } else {
      const flags = CAN_SEND | CAN_RECEIVE | GOT_HEADERS | IS_INCOMING;
      const { initialWindowSize } = core.peer;
      const slot = core.table.add(streamId, flags, initialWindowSize, core.streamWindow);
      this.#deliver(streamId, slot, flags, block, endStream);
    }
  }

  /** DATA where none may be: before HEADERS, after END_STREAM, or on no stream. */
  #misplacedData(streamId: number, slot: number, flags: number): void {
    if (slot >= 0) {
      const isEarly = (flags & CAN_RECEIVE) !== 0;
      this.#core.streamError(streamId, isEarly ? PROTOCOL_ERROR : STREAM_CLOSED);
      return;
    }
    this.#checkNotIdle(streamId, 'DATA');
    this.#checkClosed(streamId, 'DATA');
  }

  /** Streams that nobody opened yet; this end never opens even ones, nor does a client. */
  #isIdle(streamId: number): boolean {
    const core = this.#core;
    if ((streamId & 1) === 0) return true;
    return core.isClient ? streamId >= core.nextStreamId : streamId > core.lastPeerStreamId;
  }

  #checkNotIdle(streamId: number, what: string): void {
    if (!this.#isIdle(streamId)) return;
    throw new ConnectionError(PROTOCOL_ERROR, `${what} on the idle stream ${streamId}`);
  }

  /** A frame on a closed stream is ignored when this end had reset it, and else an error (§5.1). */
  #checkClosed(streamId: number, what: string): void {
    if (this.#core.ownResets.mayHave(streamId)) return;
    throw new ConnectionError(STREAM_CLOSED, `${what} on the closed stream ${streamId}`);
  }

  onRstStream(streamId: number, code: number): void {
    const core = this.#core;
    const slot = core.table.find(streamId);
    if (slot < 0) {
      this.#checkNotIdle(streamId, 'RST_STREAM');
      return;
    }
    const isReplied = ((core.table.flags[slot] as number) & CAN_RECEIVE) === 0;
    const isDone = core.isClient && isReplied && code === NO_ERROR;
    core.abandon(slot, code, isDone ? 'done' : 'peer');
    core.countReset();
  }

  onSettings(bytes: Uint8Array, start: number, end: number): void {
    const core = this.#core;
    if (!this.#settingsRate.take()) {
      throw new ConnectionError(ENHANCE_YOUR_CALM, 'SETTINGS come too often');
    }
    const { initialWindowSize, headerTableSize } = core.peer;
    const pushBefore = core.peer.enablePush;
    if (core.isClient) core.peer.enablePush = 0;
    readSettings(bytes, start, end, core.peer);
    if (core.isClient && core.peer.enablePush === 1) {
      throw new ConnectionError(PROTOCOL_ERROR, 'a server sent SETTINGS_ENABLE_PUSH');
    }
    if (core.isClient) core.peer.enablePush = pushBefore;
    if (core.peer.headerTableSize !== headerTableSize) {
      core.encoder.setTableSizeLimit(core.peer.headerTableSize);
    }
    writeSettingsAck(core.output);
    core.countReply();
    core.hasPeerSettings = true;
    core.handler.onSettings(core.peer);
    const delta = core.peer.initialWindowSize - initialWindowSize;
    if (delta !== 0) this.#sender.shiftWindows(delta);
  }

  onSettingsAck(): void {
    this.#settings.acknowledged();
  }

  onPing(isAck: boolean, bytes: Uint8Array, start: number): void {
    if (isAck) {
      this.#pings.acknowledged(bytes, start);
      return;
    }
    if (!this.#pingRate.take()) {
      throw new ConnectionError(ENHANCE_YOUR_CALM, 'PING comes too often');
    }
    const { handler } = this.#core;
    if (handler.onPing?.(Buffer.from(bytes.subarray(start, start + PING_BYTES)))) return;
    writePing(this.#core.output, true, bytes, start);
    this.#core.countReply();
  }

  onGoaway(lastStreamId: number, code: number, debug: Uint8Array): void {
    const core = this.#core;
    if (core.goawayReceived !== undefined && lastStreamId > core.goawayReceived) {
      throw new ConnectionError(PROTOCOL_ERROR, 'GOAWAY raised its last stream');
    }
    core.goawayReceived = lastStreamId;
    core.handler.onGoaway(lastStreamId, code, Buffer.from(debug).toString('utf8'));
    if (core.isClient) {
      core.table.forEach((slot, streamId) => {
        if (streamId > lastStreamId) core.abandon(slot, REFUSED_STREAM, 'unprocessed');
      });
    }
    core.checkIdle();
  }

  onWindowUpdate(streamId: number, increment: number): void {
    const core = this.#core;
    this.#windowUpdates++;
    if (streamId === 0) {
      core.sendWindow += increment;
      this.#creditBytes += increment;
      if (core.sendWindow > INT31_MAX) {
        throw new ConnectionError(FLOW_CONTROL_ERROR, 'the connection window overflows');
      }
      core.windowGrew(0, core.sendWindow);
      this.#checkWindowUpdates();
      this.#sender.wakeAll();
      return;
    }
    this.#checkWindowUpdates();
    const slot = core.table.find(streamId);
    if (slot < 0) {
      this.#checkNotIdle(streamId, 'WINDOW_UPDATE');
      return;
    }
    const window = (core.table.sendWindow[slot] as number) + increment;
    if (window > INT31_MAX) {
      core.streamError(streamId, FLOW_CONTROL_ERROR);
      return;
    }
    core.table.sendWindow[slot] = window;
    core.windowGrew(streamId, window);
    this.#sender.wake(streamId, slot);
  }

  /**
   * Nobody who reads gives windows back more often than once for each octet sent and twice for each
   * stream: beyond that they are frames that do nothing.
   */
  #checkWindowUpdates(): void {
    const core = this.#core;
    const sentBytes = this.#creditBytes - core.sendWindow;
    const streams = core.isClient ? core.nextStreamId : core.lastPeerStreamId;
    if (this.#windowUpdates > sentBytes + streams) this.onIdleFrame();
  }

  onIdleFrame(): void {
    if (this.#idleRate.take()) return;
    throw new ConnectionError(ENHANCE_YOUR_CALM, 'too many frames that do nothing');
  }

  onStreamError(streamId: number, code: number, message: string): void {
    if (this.#isIdle(streamId)) throw new ConnectionError(code, message);
    // On a stream that is over nothing is left to reset.
    if (this.#core.table.find(streamId) >= 0) this.#core.streamError(streamId, code);
  }
}

/** Whether `content-length` speaks of what follows: 1xx, 204 and 304 have no body (RFC 9110 §8.6). */
function hasBody({ kind, status }: HeaderBlock): boolean {
  if (kind === 'trailers') return false;
  return kind !== 'response' || (status >= 200 && status !== 204 && status !== 304);
}
