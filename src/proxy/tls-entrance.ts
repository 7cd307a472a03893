/**
 * Where clients come in that have to agree on TLS, and on HTTP/2 in it: sockets go in, and those that get
 * through come out. A client that agrees on nothing else gets no further than here.
 */
import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { messageOf } from '../base/errors.js';
import type { ServerTls } from '../targets/fleet-tls.js';
import { peerOf } from './peer-of.js';

export interface TlsEntrance {
  /** @param through given the TLS socket, paused, once a client's shake of hands is over. */
  enter(socket: Socket, through: (secure: TLSSocket) => void): void;
  /** Who is not through yet is cut off. */
  close(): void;
}

/** A shake of hands that is not over by then never will be. */
const HANDSHAKE_MS_MAX = 10_000;

interface Entering {
  readonly socket: Socket;
  readonly through: (secure: TLSSocket) => void;
}

/** @param onRefused a client did not get through: its address, and why. */
export function createTlsEntrance(
  { clientAuthority, ...certificate }: ServerTls,
  onRefused: (reason: string) => void,
): TlsEntrance {
  /** By the addresses of their clients, of which each is there once. */
  const entering = new Map<string, Entering>();
  // Never listens: it only shakes hands on sockets that it is given.
  const server = createServer({
    ...certificate,
    ...(clientAuthority !== undefined && { ca: clientAuthority, requestCert: true }),
    ALPNProtocols: ['h2'],
    noDelay: true,
    pauseOnConnect: true,
    handshakeTimeout: HANDSHAKE_MS_MAX,
  });
  server.on('secureConnection', (secure: TLSSocket) => {
    const peer = peerOf(secure);
    const { through } = entering.get(peer) ?? {};
    entering.delete(peer);
    if (secure.alpnProtocol === 'h2' && through !== undefined) {
      through(secure);
      return;
    }
    onRefused(`${peer} did not agree on HTTP/2 (ALPN h2)`);
    secure.destroy();
  });
  server.on('tlsClientError', (error, socket) => {
    onRefused(`${peerOf(socket)} did not get through TLS: ${messageOf(error)}`);
  });
  return {
    enter(socket, through) {
      const peer = peerOf(socket);
      const entry = { socket, through };
      entering.set(peer, entry);
      socket.once('close', () => {
        if (entering.get(peer) === entry) entering.delete(peer);
      });
      server.emit('connection', socket);
    },
    close() {
      for (const { socket } of entering.values()) socket.destroy();
      entering.clear();
    },
  };
}
