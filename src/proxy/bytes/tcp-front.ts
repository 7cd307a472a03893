/**
 * The side of a proxy that clients connect to: a listener, its connections as shaped sockets, and the
 * byte faults that act on them. Whoever serves a connection knows nothing of them.
 */
import type { Socket } from 'node:net';
import type { TlsEntrance } from '../tls-entrance.js';
import { ByteFaults } from './byte-faults.js';
import type { StageClock } from './lane.js';
import { type Listener, startListener } from './listener.js';
import { REAL_TIME, ShapedSocket } from './shaped-socket.js';

export interface TcpFrontOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Decides which connections faults hit, and draws sizes and delays. */
  readonly seed: number;
  readonly clock?: StageClock;
  /** Clients come over TLS; absent: in cleartext. Faults act on what is said in it. */
  readonly entrance?: TlsEntrance | undefined;
  /** Serves a connection: it is paused, and has to be given a handler of `error`. */
  serve(connection: ShapedSocket): void;
  /** It cannot listen again after a refusal, for a reason, and goes on trying. */
  onProblem?(reason: string): void;
}

export interface TcpFront {
  readonly port: number;
  readonly faults: ByteFaults;
  /** Connections that are open, those that nobody serves yet among them. */
  readonly connectionCount: number;
  /** Octets that faults hold, of all connections. */
  readonly heldBytes: number;
  /** Listens no more and closes all connections at once. */
  close(): void;
}

/** @throws Error of the system, when the port cannot be had. */
export async function startTcpFront(options: TcpFrontOptions): Promise<TcpFront> {
  const { host, port, seed, clock = REAL_TIME, entrance } = options;
  const connections = new Set<ShapedSocket>();
  const serve = (socket: Socket, raw: Socket, number: number) => {
    const connection: ShapedSocket = new ShapedSocket(socket, {
      clock,
      raw,
      onGone() {
        connections.delete(connection);
        faults.gone(connection);
      },
    });
    connections.add(connection);
    options.serve(connection);
    faults.served(connection, number);
  };
  const faults = new ByteFaults({ seed, clock, listener: () => listener });
  const listener: Listener = await startListener({
    host,
    port,
    onSocket(socket) {
      // Whatever comes of it before it is served.
      socket.on('error', () => {});
      faults.arrive(socket, (number) => {
        if (entrance === undefined) serve(socket, socket, number);
        else entrance.enter(socket, (secure) => serve(secure, socket, number));
      });
    },
    onProblem: (reason) => options.onProblem?.(reason),
  });
  return {
    port: listener.port,
    faults,
    get connectionCount() {
      return connections.size + faults.stalledCount;
    },
    get heldBytes() {
      let bytes = 0;
      for (const connection of connections) bytes += connection.heldBytes;
      return bytes;
    },
    close() {
      listener.close();
      faults.close();
      entrance?.close();
      for (const connection of [...connections]) connection.cut();
    },
  };
}
