/**
 * Where a proxy's clients come in: sockets in cleartext, or over TLS with HTTP/2 agreed on. A client that
 * agrees on nothing else gets no further than here.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { messageOf } from '../base/errors.js';
import type { Certificate } from '../targets/certificate.js';

export interface ProxyListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Absent: cleartext. */
  readonly certificate: Certificate | undefined;
  /** Takes a client's socket over; it is paused. */
  readonly onSocket: (socket: Socket) => void;
  /** A client did not get through TLS: its address, and why. */
  readonly onRefused: (reason: string) => void;
}

export interface ProxyListener {
  readonly port: number;
  /** Listens no more; who is not through TLS yet is cut off. */
  close(): void;
}

/** A shake of hands that is not over by then never will be. */
const HANDSHAKE_MS_MAX = 10_000;

/** @throws Error of the listener, when the port cannot be had. */
export async function listenForClients(options: ProxyListenerOptions): Promise<ProxyListener> {
  const pending = new Set<Socket>();
  const server = options.certificate === undefined ? cleartext(options) : secure(options, pending);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  // What comes later (no more file descriptors) costs a client its connection, and nobody else.
  server.on('error', (error) => options.onRefused(`a client was not accepted: ${error.message}`));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of pending) socket.destroy();
    },
  };
}

function cleartext({ onSocket }: ProxyListenerOptions): Server {
  return createServer({ noDelay: true, pauseOnConnect: true }, onSocket);
}

function secure(options: ProxyListenerOptions, pending: Set<Socket>): Server {
  const { certificate, onSocket, onRefused } = options;
  const server = createTlsServer({
    ...certificate,
    ALPNProtocols: ['h2'],
    noDelay: true,
    pauseOnConnect: true,
    handshakeTimeout: HANDSHAKE_MS_MAX,
  });
  server.on('connection', (socket: Socket) => {
    pending.add(socket);
    socket.once('close', () => pending.delete(socket));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') {
      onSocket(socket);
      return;
    }
    onRefused(`${peerOf(socket)} did not agree on HTTP/2 (ALPN h2)`);
    socket.destroy();
  });
  server.on('tlsClientError', (error, socket) => {
    onRefused(`${peerOf(socket)} did not get through TLS: ${messageOf(error)}`);
  });
  return server;
}

/** The address of who is at the other end. */
export function peerOf({ remoteAddress, remotePort }: Socket): string {
  if (remoteAddress === undefined) return 'a client that is gone';
  const host = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress;
  return `${host}:${remotePort ?? 0}`;
}
