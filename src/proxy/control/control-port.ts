/**
 * The port over which a proxy is steered: gRPC and HTTP/1.1 on one, told apart by their first octets.
 * What an HTTP/2 client says first (`PRI * HTTP/2.0`) is no request of HTTP/1.1.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { UserError } from '../../base/errors.js';
import { CLIENT_PREFACE } from '../../http2/frame.js';
import { isLoopback, tokenCheck } from './access.js';
import { createGrpcFace } from './grpc-face.js';
import { createHttpFace } from './http-face.js';
import type { Steering } from './steering.js';

export interface ControlPortOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Every request must carry it; needed where others than this machine's can send some. */
  readonly token?: string | undefined;
  readonly steering: Steering;
  /** A request met a bug of ours; it was answered, and nothing else came of it. */
  readonly onBug: (error: unknown) => void;
}

export interface ControlPort {
  readonly port: number;
  close(): void;
}

/** No method of HTTP/1.1 begins with these. */
const PREFACE_OCTETS = 3;
/** Who has not said a word by then never will. */
const FIRST_WORD_MS_MAX = 10_000;
/** Steering takes one; more would be somebody's mistake, or worse. */
const CONNECTIONS_MAX = 128;

/**
 * @throws UserError when others than this machine's could steer without a token; Error of the listener
 *   when the port cannot be had.
 */
export async function openControlPort(options: ControlPortOptions): Promise<ControlPort> {
  const { host, port, token, steering, onBug } = options;
  if (token === undefined && !isLoopback(host)) {
    throw new UserError({
      message: `whoever reaches ${host} could put faults on the proxy: a token is needed there`,
      hint: 'give one with SQUALL_PROXY_TOKEN or --token, or listen on 127.0.0.1',
    });
  }
  const isAllowed = tokenCheck(token);
  const grpc = createGrpcFace({ steering, isAllowed, onBug });
  const http = createHttpFace({ steering, isAllowed, checksHost: token === undefined, onBug });
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // The faces hear of it too; between the two nobody would.
    socket.on('error', () => {});
    tellApart(socket, (isHttp2) => {
      if (isHttp2) grpc.accept(socket);
      else http.emit('connection', socket);
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, host);
  await once(server, 'listening');
  server.on('error', onBug);
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      grpc.close();
      http.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Reads as much as it takes to know, and gives it back to the socket. */
function tellApart(socket: Socket, done: (isHttp2: boolean) => void): void {
  const preface = CLIENT_PREFACE.subarray(0, PREFACE_OCTETS);
  const tooLate = () => socket.destroy();
  let head = Buffer.alloc(0);
  socket.setTimeout(FIRST_WORD_MS_MAX, tooLate);
  socket.on('readable', look);
  function look(): void {
    for (let piece = socket.read() as Buffer | null; piece !== null; piece = socket.read()) {
      head = Buffer.concat([head, piece]);
    }
    const known = Math.min(head.length, PREFACE_OCTETS);
    const isHttp2 = preface.subarray(0, known).equals(head.subarray(0, known));
    if (isHttp2 && known < PREFACE_OCTETS && !socket.readableEnded) return;
    socket.off('readable', look);
    socket.setTimeout(0);
    socket.off('timeout', tooLate);
    socket.unshift(head);
    // A socket forgets a turn later that it was read by hand.
    setImmediate(() => {
      if (!socket.destroyed) done(isHttp2);
    });
  }
}
