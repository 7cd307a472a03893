/**
 * A server that is a script: frames in, and whatever octets the test likes out, right or wrong. It
 * knows frame headers and nothing of what is in them, so there is no rule that it could keep by
 * accident.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { frame, numberFrame, settingsFrame } from './http2-frames.js';
import { routeTo } from './route.js';

const PREFACE_BYTES = 24;
const HEADER_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const END_STREAM = 1;
const END_HEADERS = 4;
const ACK = 1;
export const MAX_CONCURRENT_STREAMS = 3;

/** One connection of the script's. */
export interface ScriptPeer {
  /** Which connection it is, from 0. */
  readonly nth: number;
  readonly socket: Socket;
  /** Streams that it has got, in order. */
  readonly streams: number[];
  send(...octets: readonly Uint8Array[]): void;
  /** A whole reply: headers, an empty message, trailers. */
  reply(streamId: number): void;
}

export interface Script {
  /** Sent at once when a connection is accepted; SETTINGS without entries unless told. */
  readonly greeting?: readonly Uint8Array[];
  /** Sends nothing of its own accord: no acknowledgement of SETTINGS and PING. */
  readonly isMute?: boolean;
  /** A connection was accepted, and greeted. */
  onConnection?(peer: ScriptPeer): void;
  /** A request's HEADERS; `payload` is its field block as it came. */
  onRequest?(peer: ScriptPeer, streamId: number, payload: Buffer): void;
  /** Any other frame. */
  onFrame?(peer: ScriptPeer, type: number, streamId: number, payload: Buffer): void;
}

export interface ScriptServer extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Connections that it has accepted, those that are gone too. */
  readonly peers: readonly ScriptPeer[];
  /** Stops listening and closes what is open. */
  stop(): Promise<void>;
}

/** Starts a script on a port, 0 for any. */
export async function startScript(script: Script, port = 0): Promise<ScriptServer> {
  const peers: ScriptPeer[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const peer = createPeer(socket, peers.length);
    peers.push(peer);
    socket.on('error', () => {});
    const read = frameReader((type, flags, streamId, payload) => {
      const isAnswered = script.isMute !== true && (flags & ACK) === 0;
      if (type === SETTINGS && isAnswered) peer.send(frame(SETTINGS, ACK, 0));
      if (type === PING && isAnswered) peer.send(frame(PING, ACK, 0, payload));
      if (type === HEADERS) {
        peer.streams.push(streamId);
        script.onRequest?.(peer, streamId, payload);
      } else script.onFrame?.(peer, type, streamId, payload);
    });
    socket.on('data', read);
    peer.send(...(script.greeting ?? [settingsFrame()]));
    script.onConnection?.(peer);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  const stop = async () => {
    for (const { socket } of peers) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return {
    address: await routeTo(bound),
    port: bound,
    peers,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function createPeer(socket: Socket, nth: number): ScriptPeer {
  const send = (...octets: readonly Uint8Array[]) => {
    if (!socket.destroyed) socket.write(Buffer.concat(octets));
  };
  return {
    nth,
    socket,
    streams: [],
    send,
    reply: (streamId) => send(replyHead(streamId), message(streamId), trailers(streamId)),
  };
}

/** Frames out of a client's octets, after its preface. */
function frameReader(
  onFrame: (type: number, flags: number, streamId: number, payload: Buffer) => void,
): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  let prefaceLeft = PREFACE_BYTES;
  return (chunk) => {
    const skipped = Math.min(prefaceLeft, chunk.length);
    prefaceLeft -= skipped;
    held = Buffer.concat([held, chunk.subarray(skipped)]);
    let at = 0;
    while (held.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + held.readUIntBE(at, 3);
      if (end > held.length) break;
      const payload = held.subarray(at + HEADER_BYTES, end);
      onFrame(held.readUInt8(at + 3), held.readUInt8(at + 4), held.readUInt32BE(at + 5), payload);
      at = end;
    }
    held = held.subarray(at);
  };
}

/** A field as a literal beside the table, without Huffman (RFC 7541 §6.2.2). */
function literal(name: string, value: string): Buffer {
  const string = (text: string) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
  return Buffer.concat([Buffer.of(0), string(name), string(value)]);
}

const REPLY_HEAD = Buffer.concat([Buffer.of(0x88), literal('content-type', 'application/grpc')]);

export const replyHead = (streamId: number) => frame(HEADERS, END_HEADERS, streamId, REPLY_HEAD);
/** An empty message, framed. */
export const message = (streamId: number, flags = 0) =>
  frame(DATA, flags, streamId, Buffer.alloc(5));
export const trailers = (streamId: number, status = '0') =>
  frame(HEADERS, END_HEADERS | END_STREAM, streamId, literal('grpc-status', status));
export const reset = (streamId: number, code: number) => numberFrame(RST_STREAM, streamId, code);

export function goaway(lastStreamId: number, code = 0, debug = ''): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(lastStreamId, 0);
  payload.writeUInt32BE(code, 4);
  return frame(GOAWAY, 0, 0, Buffer.concat([payload, Buffer.from(debug)]));
}

/** SETTINGS with a limit of streams. */
export const streamLimit = (streams: number) => settingsFrame([MAX_CONCURRENT_STREAMS, streams]);
