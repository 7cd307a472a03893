/**
 * Frames appended to an output buffer. What is written here is what the caller asks for: windows,
 * states and limits are the connection's business.
 */
import { copyOctets } from './copy-octets.js';
import {
  CONTINUATION,
  DATA,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_HEADER_BYTES,
  GOAWAY,
  HEADERS,
  PING,
  RST_STREAM,
  readUint32,
  SETTINGS,
  WINDOW_UPDATE,
  writeUint32,
} from './frame.js';
import { MESSAGE_PREFIX_BYTES, putMessagePrefix } from './grpc-message.js';
import type { OutputBuffer } from './output-buffer.js';

/** Writes the nine octets of a frame's header at `at`. */
export function putFrameHeader(
  bytes: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): void {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  writeUint32(bytes, at + 5, streamId);
}

/** Appends a frame's header and room for its payload. @returns where the payload begins. */
function beginFrame(
  out: OutputBuffer,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  const at = out.reserve(FRAME_HEADER_BYTES + length);
  putFrameHeader(out.bytes, at, length, type, flags, streamId);
  return at + FRAME_HEADER_BYTES;
}

/**
 * Room for more octets of a stream in a DATA frame: in the one that the output ends with, where that is
 * the stream's and has room, else in a frame of its own. Messages that are written one after another
 * then share a frame, which costs either end about as much as a message does.
 * @returns where the octets go.
 */
function extendData(
  out: OutputBuffer,
  length: number,
  streamId: number,
  frameBytesMax: number,
): number {
  const frame = out.dataStart;
  if (out.dataEnd === out.length && readUint32(out.bytes, frame + 5) === streamId) {
    const joined = out.length - frame - FRAME_HEADER_BYTES + length;
    if (joined <= frameBytesMax) {
      const at = out.reserve(length);
      const { bytes } = out;
      bytes[frame] = joined >>> 16;
      bytes[frame + 1] = joined >>> 8;
      bytes[frame + 2] = joined;
      out.dataEnd = out.length;
      return at;
    }
  }
  out.dataStart = out.length;
  const at = beginFrame(out, length, DATA, 0, streamId);
  out.dataEnd = out.length;
  return at;
}

/** Appends `bytes[start, end)`, at most a frame's worth, in a DATA frame that does not end its stream. */
export function writeMoreData(
  out: OutputBuffer,
  streamId: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  frameBytesMax: number,
): void {
  const at = extendData(out, end - start, streamId, frameBytesMax);
  copyOctets(out, at, bytes, start, end);
}

/** Appends one DATA frame with `bytes[start, end)`. */
export function writeData(
  out: OutputBuffer,
  streamId: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  endStream: boolean,
): void {
  const length = end - start;
  const at = beginFrame(out, length, DATA, endStream ? FLAG_END_STREAM : 0, streamId);
  if (length > 0) copyOctets(out, at, bytes, start, end);
}

/** Appends a gRPC message and its prefix, at most a frame's worth, in a DATA frame. */
export function writeMessage(
  out: OutputBuffer,
  streamId: number,
  message: Uint8Array,
  isCompressed: boolean,
  frameBytesMax: number,
): void {
  const { length } = message;
  const at = extendData(out, MESSAGE_PREFIX_BYTES + length, streamId, frameBytesMax);
  putMessagePrefix(out.bytes, at, length, isCompressed);
  if (length > 0) copyOctets(out, at + MESSAGE_PREFIX_BYTES, message, 0, length);
}

/**
 * Appends a field block as one HEADERS frame and as many CONTINUATION frames as it takes (§6.10).
 * @param encode appends the block itself to the buffer.
 */
export function writeHeaders(
  out: OutputBuffer,
  streamId: number,
  endStream: boolean,
  frameBytesMax: number,
  encode: (out: OutputBuffer) => void,
): void {
  const payload = beginFrame(out, 0, HEADERS, 0, streamId);
  const frame = payload - FRAME_HEADER_BYTES;
  const endFlag = endStream ? FLAG_END_STREAM : 0;
  try {
    encode(out);
  } catch (error) {
    out.trim(frame);
    throw error;
  }
  const length = out.length - payload;
  if (length <= frameBytesMax) {
    putFrameHeader(out.bytes, frame, length, HEADERS, FLAG_END_HEADERS | endFlag, streamId);
    return;
  }
  const block = Uint8Array.prototype.slice.call(out.bytes, payload, out.length);
  out.trim(frame);
  for (let start = 0; start < block.length; start += frameBytesMax) {
    const part = block.subarray(start, start + frameBytesMax);
    const isFirst = start === 0;
    const flags =
      (isFirst ? endFlag : 0) | (start + part.length === block.length ? FLAG_END_HEADERS : 0);
    const type = isFirst ? HEADERS : CONTINUATION;
    const at = beginFrame(out, part.length, type, flags, streamId);
    out.bytes.set(part, at);
  }
}

/** Appends RST_STREAM. */
export function writeRstStream(out: OutputBuffer, streamId: number, code: number): void {
  const at = beginFrame(out, 4, RST_STREAM, 0, streamId);
  writeUint32(out.bytes, at, code);
}

/** Appends SETTINGS with these `[identifier, value]` pairs (§6.5.1). */
export function writeSettings(
  out: OutputBuffer,
  pairs: readonly (readonly [number, number])[],
): void {
  let at = beginFrame(out, pairs.length * 6, SETTINGS, 0, 0);
  for (const [identifier, value] of pairs) {
    out.bytes[at] = identifier >>> 8;
    out.bytes[at + 1] = identifier;
    writeUint32(out.bytes, at + 2, value);
    at += 6;
  }
}

/** Appends the acknowledgement of SETTINGS. */
export function writeSettingsAck(out: OutputBuffer): void {
  beginFrame(out, 0, SETTINGS, FLAG_ACK, 0);
}

/** Appends PING with the eight octets `bytes[start, start + 8)`. */
export function writePing(
  out: OutputBuffer,
  isAck: boolean,
  bytes: Uint8Array,
  start: number,
): void {
  const at = beginFrame(out, 8, PING, isAck ? FLAG_ACK : 0, 0);
  for (let i = 0; i < 8; i++) out.bytes[at + i] = bytes[start + i] as number;
}

/** Appends GOAWAY. */
export function writeGoaway(
  out: OutputBuffer,
  lastStreamId: number,
  code: number,
  debug: string,
): void {
  const text = Buffer.from(debug, 'utf8');
  const at = beginFrame(out, 8 + text.length, GOAWAY, 0, 0);
  writeUint32(out.bytes, at, lastStreamId);
  writeUint32(out.bytes, at + 4, code);
  out.bytes.set(text, at + 8);
}

/** Appends WINDOW_UPDATE; stream 0 is the connection. */
export function writeWindowUpdate(out: OutputBuffer, streamId: number, increment: number): void {
  const at = beginFrame(out, 4, WINDOW_UPDATE, 0, streamId);
  writeUint32(out.bytes, at, increment);
}
