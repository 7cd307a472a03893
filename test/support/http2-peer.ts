/** A gRPC peer that can do what no gRPC server does: replies are written by hand over node:http2. */

import { once } from 'node:events';
import {
  constants,
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../../src/targets/certificate.js';
import { routeTo } from './route.js';

/** What the peer does with the nth stream that it gets, from 0. */
export type Behaviour = (
  stream: ServerHttp2Stream,
  nth: number,
  headers: IncomingHttpHeaders,
) => void;

export interface Http2Peer extends AsyncDisposable {
  readonly address: string;
  /** Streams it has got so far. */
  readonly streams: number;
}

/**
 * @param settings what it announces.
 * @param certificate serves over TLS with it.
 */
export async function startHttp2Peer(
  behave: Behaviour,
  settings: Settings = {},
  certificate?: Certificate,
): Promise<Http2Peer> {
  const server =
    certificate === undefined
      ? createServer({ settings })
      : createSecureServer({ settings, ...certificate });
  const sessions = new Set<ServerHttp2Session>();
  let streams = 0;
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.resume();
    behave(stream, streams++, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: await routeTo(port),
    get streams() {
      return streams;
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const GRPC = { 'content-type': 'application/grpc' };

/** A whole reply: the message in octets (framed by the caller), then a status. */
export function reply(stream: ServerHttp2Stream, body: Buffer, status: string): void {
  stream.respond({ ':status': 200, ...GRPC }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
  stream.end(body);
}

/** A reply that is nothing but a status. */
export function trailersOnly(stream: ServerHttp2Stream, headers: Record<string, string>): void {
  stream.respond({ ':status': 200, ...GRPC, ...headers }, { endStream: true });
}

/** A framed message. */
export function framed(length: number, flag = 0, announced = length): Buffer {
  const bytes = Buffer.alloc(5 + length);
  bytes[0] = flag;
  bytes.writeUInt32BE(announced, 1);
  return bytes;
}

export const RST = constants;
