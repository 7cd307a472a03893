/**
 * Frames out of a stream of octets that arrives in arbitrary pieces (RFC 9113 §4 and §6).
 *
 *   chunk ──► frame header whole? ──no──► held until it is
 *                 │ yes
 *                 ├─ DATA: handed on piece by piece as it comes, never held
 *                 └─ others: payload whole? ──no──► held until it is (bounded by the frame size)
 *
 * Handed-on bytes are those of the chunk itself, valid during the call only. What a frame alone can
 * get wrong is found here and thrown as a ConnectionError; what needs the connection's or a stream's
 * state is the handler's business. Nothing is allocated per frame.
 */
import { ConnectionError, FRAME_SIZE_ERROR, PROTOCOL_ERROR } from './error-code.js';
import { FieldBlockParts } from './field-block-parts.js';
import {
  CONTINUATION,
  DATA,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  FRAME_BYTES_DEFAULT,
  FRAME_HEADER_BYTES,
  GOAWAY,
  HEADERS,
  INT31_MAX,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  readUint32,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame.js';

/** Who is told of frames. Stream ids are as on the wire: the handler knows which may be. */
export interface FrameHandler {
  /**
   * A piece of a DATA frame. `flowBytes` is what it counts with in the windows: `end - start` and
   * its share of the padding (§6.1). `endStream` comes with a frame's last piece only.
   */
  onData(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
    endStream: boolean,
  ): void;
  /** A whole field block, its CONTINUATION frames joined. */
  onFieldBlock(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void;
  onRstStream(streamId: number, code: number): void;
  /** Settings, six octets each. */
  onSettings(bytes: Uint8Array, start: number, end: number): void;
  onSettingsAck(): void;
  onPing(isAck: boolean, bytes: Uint8Array, start: number): void;
  onGoaway(lastStreamId: number, code: number, debug: Uint8Array): void;
  onWindowUpdate(streamId: number, increment: number): void;
  /** A frame that is legal and does nothing: PRIORITY, an unknown type, an empty fragment. */
  onIdleFrame(): void;
  /** A frame that only its stream need suffer for (§5.4.2). */
  onStreamError(streamId: number, code: number, message: string): void;
}

export interface FrameReaderLimits {
  /** The SETTINGS_MAX_FRAME_SIZE that this end announces, in octets. */
  readonly frameBytesMax?: number;
  /** Octets of one compressed field block, and frames that carry it. */
  readonly blockBytesMax?: number;
  readonly continuationsMax?: number;
}

function protocolError(message: string): never {
  throw new ConnectionError(PROTOCOL_ERROR, message);
}

function sizeError(message: string): never {
  throw new ConnectionError(FRAME_SIZE_ERROR, message);
}

export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #frameBytesMax: number;
  readonly #parts: FieldBlockParts;
  /** The beginning of a frame that is not whole yet, and how much of it there is. */
  #held = Buffer.alloc(1_024);
  #heldLength = 0;
  /** A DATA frame that is not at its end: octets of data, then of padding, still to come. */
  #dataLeft = 0;
  #paddingLeft = 0;
  #dataStreamId = 0;
  #dataEndsStream = false;
  #isStopped = false;
  #sawSettings = false;

  constructor(handler: FrameHandler, limits: FrameReaderLimits = {}) {
    this.#handler = handler;
    this.#frameBytesMax = Math.max(limits.frameBytesMax ?? 0, FRAME_BYTES_DEFAULT);
    this.#parts = new FieldBlockParts(limits.blockBytesMax, limits.continuationsMax);
  }

  /** Octets that wait for the rest of their frame or field block. */
  get heldBytes(): number {
    return this.#heldLength + this.#parts.length;
  }

  /** Reads nothing more, not even the rest of the chunk at hand. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Reads `bytes[start, end)`, handing on every frame that it completes.
   * @throws ConnectionError: nothing may be read after it.
   */
  receive(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#isStopped) {
      if (this.#dataLeft + this.#paddingLeft > 0) at = this.#continueData(bytes, at, end);
      else if (this.#heldLength > 0) at = this.#fill(bytes, at, end);
      else at = this.#readFrame(bytes, at, end);
    }
  }

  /** Reads a frame that begins at `at`; holds what there is of one that is not whole. */
  #readFrame(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < FRAME_HEADER_BYTES) return this.#hold(bytes, at, end);
    const length = this.#checkedLength(bytes, at);
    const next = at + FRAME_HEADER_BYTES + length;
    if (bytes[at + 3] === DATA) {
      if (this.#mustWaitForPadding(bytes, at, end, length)) return this.#hold(bytes, at, end);
      return this.#beginData(bytes, at, length, end);
    }
    if (next > end) return this.#hold(bytes, at, end);
    this.#dispatch(bytes, at, next);
    return next;
  }

  /** The pad length is an octet of its own, which may not be there yet. */
  #mustWaitForPadding(bytes: Uint8Array, at: number, end: number, length: number): boolean {
    const isPadded = ((bytes[at + 4] as number) & FLAG_PADDED) !== 0;
    return isPadded && length > 0 && end - at === FRAME_HEADER_BYTES;
  }

  #checkedLength(bytes: Uint8Array, at: number): number {
    const length =
      ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    if (length > this.#frameBytesMax) sizeError(`a frame of ${length} octets`);
    const type = bytes[at + 3] as number;
    if (!this.#sawSettings) {
      // The preface of either end is a SETTINGS frame, which acknowledges nothing (§3.4).
      const isPreface = type === SETTINGS && ((bytes[at + 4] as number) & FLAG_ACK) === 0;
      if (!isPreface) protocolError('the first frame is not SETTINGS');
    }
    // One field block is contiguous: nothing, of any stream, may stand within it (§6.10).
    if (this.#parts.streamId !== 0 && type !== CONTINUATION) {
      protocolError('a field block is interrupted');
    }
    return length;
  }

  #hold(bytes: Uint8Array, at: number, end: number): number {
    this.#append(bytes, at, end);
    return end;
  }

  #append(bytes: Uint8Array, at: number, end: number): void {
    const length = this.#heldLength + end - at;
    if (length > this.#held.length) {
      const larger = Buffer.alloc(Math.max(length, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(at, end), this.#heldLength);
    this.#heldLength = length;
  }

  /** Adds to the held frame what it lacks, and reads it when it is whole. */
  #fill(bytes: Uint8Array, at: number, end: number): number {
    const lacks = this.#heldFrameBytes() - this.#heldLength;
    const next = Math.min(at + lacks, end);
    this.#append(bytes, at, next);
    if (this.#heldLength < FRAME_HEADER_BYTES) return next;
    const held = this.#held;
    const heldLength = this.#heldLength;
    const length = this.#checkedLength(held, 0);
    if (held[3] === DATA) {
      if (this.#mustWaitForPadding(held, 0, heldLength, length)) return next;
      this.#heldLength = 0;
      this.#beginData(held, 0, length, heldLength);
    } else if (heldLength === FRAME_HEADER_BYTES + length) {
      this.#heldLength = 0;
      this.#dispatch(held, 0, heldLength);
      if (held.length > FRAME_BYTES_DEFAULT * 2) this.#held = Buffer.alloc(1_024);
    }
    return next;
  }

  /** How much of the held frame is to be held: all, of DATA what stands before the data. */
  #heldFrameBytes(): number {
    const held = this.#held;
    if (this.#heldLength < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES;
    if (held[3] === DATA) return FRAME_HEADER_BYTES + 1;
    const length = ((held[0] as number) << 16) | ((held[1] as number) << 8) | (held[2] as number);
    return FRAME_HEADER_BYTES + length;
  }

  #beginData(bytes: Uint8Array, at: number, length: number, end: number): number {
    const flags = bytes[at + 4] as number;
    const streamId = readUint32(bytes, at + 5) & INT31_MAX;
    if (streamId === 0) protocolError('DATA on stream 0');
    const endStream = (flags & FLAG_END_STREAM) !== 0;
    let start = at + FRAME_HEADER_BYTES;
    if ((flags & FLAG_PADDED) === 0) {
      if (start + length <= end) {
        this.#handler.onData(streamId, bytes, start, start + length, length, endStream);
        return start + length;
      }
      this.#dataLeft = length;
    } else {
      if (length === 0) sizeError('padded DATA without a pad length');
      const padding = bytes[start++] as number;
      if (padding >= length) protocolError('DATA is nothing but padding, and more');
      this.#dataLeft = length - 1 - padding;
      this.#paddingLeft = padding;
    }
    this.#dataStreamId = streamId;
    this.#dataEndsStream = endStream;
    // The pad length's octet counts, and a frame may hold nothing else.
    return this.#passData(bytes, start, end, start - at - FRAME_HEADER_BYTES);
  }

  #continueData(bytes: Uint8Array, at: number, end: number): number {
    return this.#passData(bytes, at, end, 0);
  }

  /** Hands on what there is of the DATA frame at hand; `extra` octets were read before. */
  #passData(bytes: Uint8Array, at: number, end: number, extra: number): number {
    const dataEnd = Math.min(at + this.#dataLeft, end);
    this.#dataLeft -= dataEnd - at;
    const paddingEnd = Math.min(dataEnd + this.#paddingLeft, end);
    this.#paddingLeft -= paddingEnd - dataEnd;
    const flowBytes = paddingEnd - at + extra;
    const isWhole = this.#dataLeft + this.#paddingLeft === 0;
    if (flowBytes > 0 || isWhole) {
      const endStream = isWhole && this.#dataEndsStream;
      this.#handler.onData(this.#dataStreamId, bytes, at, dataEnd, flowBytes, endStream);
    }
    return paddingEnd;
  }

  /** Reads the whole frame `bytes[at, end)`, of any type but DATA. */
  #dispatch(bytes: Uint8Array, at: number, end: number): void {
    const flags = bytes[at + 4] as number;
    const streamId = readUint32(bytes, at + 5) & INT31_MAX;
    const start = at + FRAME_HEADER_BYTES;
    switch (bytes[at + 3]) {
      case HEADERS:
        this.#headers(streamId, flags, bytes, start, end);
        return;
      case WINDOW_UPDATE:
        this.#windowUpdate(streamId, bytes, start, end);
        return;
      case RST_STREAM:
        this.#rstStream(streamId, bytes, start, end);
        return;
      case CONTINUATION:
        this.#continuation(streamId, flags, bytes, start, end);
        return;
      case SETTINGS:
        this.#settings(streamId, flags, bytes, start, end);
        return;
      case PING:
        this.#ping(streamId, flags, bytes, start, end);
        return;
      case GOAWAY:
        this.#goaway(streamId, bytes, start, end);
        return;
      case PRIORITY:
        this.#priority(streamId, end - start);
        return;
      case PUSH_PROMISE:
        // Clients here forbid it in SETTINGS, and servers must never get it (§8.4).
        throw new ConnectionError(PROTOCOL_ERROR, 'PUSH_PROMISE was not allowed');
      default:
        this.#handler.onIdleFrame();
    }
  }

  #headers(streamId: number, flags: number, bytes: Uint8Array, at: number, end: number): void {
    if (streamId === 0) protocolError('HEADERS on stream 0');
    let start = at;
    let blockEnd = end;
    if ((flags & (FLAG_PADDED | FLAG_PRIORITY)) !== 0) {
      const isPadded = (flags & FLAG_PADDED) !== 0;
      const prefix = (isPadded ? 1 : 0) + ((flags & FLAG_PRIORITY) !== 0 ? 5 : 0);
      if (end - start < prefix) sizeError('HEADERS lacks its pad length or priority');
      if (isPadded) blockEnd -= bytes[start] as number;
      start += prefix;
      if (blockEnd < start) protocolError('the padding of HEADERS is longer than the frame');
    }
    const endStream = (flags & FLAG_END_STREAM) !== 0;
    if ((flags & FLAG_END_HEADERS) !== 0) {
      this.#handler.onFieldBlock(streamId, bytes, start, blockEnd, endStream);
      return;
    }
    this.#parts.begin(streamId, endStream, bytes, start, blockEnd);
    if (start === blockEnd) this.#handler.onIdleFrame();
  }

  #continuation(
    streamId: number,
    flags: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const parts = this.#parts;
    if (streamId === 0 || parts.streamId !== streamId) {
      protocolError('CONTINUATION without a field block to continue');
    }
    parts.add(bytes, start, end);
    if (start === end) this.#handler.onIdleFrame();
    if ((flags & FLAG_END_HEADERS) === 0) return;
    const { length, endStream } = parts;
    parts.finish();
    this.#handler.onFieldBlock(streamId, parts.bytes, 0, length, endStream);
  }

  #rstStream(streamId: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== 4) sizeError('RST_STREAM is not 4 octets long');
    if (streamId === 0) protocolError('RST_STREAM on stream 0');
    this.#handler.onRstStream(streamId, readUint32(bytes, start));
  }

  #priority(streamId: number, length: number): void {
    if (streamId === 0) protocolError('PRIORITY on stream 0');
    this.#handler.onIdleFrame();
    // Deprecated, but its size is still checked (§6.3).
    if (length !== 5) {
      this.#handler.onStreamError(streamId, FRAME_SIZE_ERROR, 'PRIORITY is not 5 octets long');
    }
  }

  #settings(streamId: number, flags: number, bytes: Uint8Array, start: number, end: number): void {
    if (streamId !== 0) protocolError('SETTINGS on a stream');
    if ((flags & FLAG_ACK) !== 0) {
      if (start !== end) sizeError('an acknowledgement of SETTINGS has a payload');
      this.#handler.onSettingsAck();
      return;
    }
    if ((end - start) % 6 !== 0) sizeError('SETTINGS is not a multiple of 6 octets');
    this.#sawSettings = true;
    this.#handler.onSettings(bytes, start, end);
  }

  #ping(streamId: number, flags: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== 8) sizeError('PING is not 8 octets long');
    if (streamId !== 0) protocolError('PING on a stream');
    this.#handler.onPing((flags & FLAG_ACK) !== 0, bytes, start);
  }

  #goaway(streamId: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 8) sizeError('GOAWAY is shorter than 8 octets');
    if (streamId !== 0) protocolError('GOAWAY on a stream');
    const lastStreamId = readUint32(bytes, start) & INT31_MAX;
    const debug = bytes.subarray(start + 8, end);
    this.#handler.onGoaway(lastStreamId, readUint32(bytes, start + 4), debug);
  }

  #windowUpdate(streamId: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== 4) sizeError('WINDOW_UPDATE is not 4 octets long');
    const increment = readUint32(bytes, start) & INT31_MAX;
    if (increment > 0) {
      this.#handler.onWindowUpdate(streamId, increment);
      return;
    }
    if (streamId === 0) protocolError('WINDOW_UPDATE by nothing');
    this.#handler.onStreamError(streamId, PROTOCOL_ERROR, 'WINDOW_UPDATE by nothing');
  }
}
