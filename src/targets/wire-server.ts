/**
 * `server: wire`: the chat, health, load report and reflection services on our own HTTP/2, so cheap per
 * call that the server is not what limits a benchmark.
 *
 * It reads gzip and no other encoding, and compresses replies where it is told to. It also refuses calls that are malformed, which grpc-js may take (`wrong-calls.test.ts`).
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { GZIP } from '../http2/grpc-compression.js';
import { MESSAGE_BYTES_MAX } from '../http2/grpc-message.js';
import { WindowWaits } from '../http2/window-waits.js';
import { Deadlines } from './deadlines.js';
import type { ServerTls } from './fleet-tls.js';
import { createHealthService } from './health-service.js';
import { HEALTH_SERVICE, LOAD_REPORT_SERVICE, serviceOf } from './protos.js';
import { createReflection } from './reflection.js';
import { sayReplyEncoder } from './say-replies.js';
import { BindError, type RunningServer, SERVER_HOST, type ServerParts } from './server.js';
import { limitAge } from './server-limits.js';
import { adaptService } from './wire-adapted-service.js';
import { createWireChat } from './wire-chat.js';
import { WireConnection, type WireServices } from './wire-connection.js';
import type { WireMethod } from './wire-method.js';

/** @throws BindError */
export async function startWireServer(parts: ServerParts): Promise<RunningServer> {
  const services = createServices(parts);
  const connections = new Set<WireConnection>();
  const server = createListener(parts.certificate, (socket) => {
    const connection = new WireConnection(socket, services, (self) => {
      connections.delete(self);
      forget();
    });
    const forget = limitAge(connection, parts.limits, parts.random);
    connections.add(connection);
  });
  const port = await listen(server, parts);
  return {
    port,
    takeWindowWaits: () => services.windowWaits.take(),
    async drain() {
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) connection.drain();
      // The listener's close comes after that of the last connection.
      await closed;
    },
    close() {
      server.close();
      for (const connection of connections) connection.destroy();
      services.deadlines.clear();
    },
  };
}

function createServices(parts: ServerParts): WireServices {
  const { host, health, protos, outbox, limits, compression, keepalive } = parts;
  const { messages, health: healthCounter } = host.counters;
  const chat = createWireChat(protos, messages, outbox);
  const methods: WireMethod[] = [
    ...chat.methods,
    ...adaptService(serviceOf(protos, HEALTH_SERVICE), createHealthService(health, healthCounter)),
    ...adaptService(serviceOf(protos, LOAD_REPORT_SERVICE), parts.loadReports),
  ];
  createReflection(protos).addToServer({
    addService: (service, implementation) => {
      methods.push(...adaptService(service, implementation));
    },
  });
  return {
    host,
    settings: {
      ...(limits.streamsMax !== undefined && { maxConcurrentStreams: limits.streamsMax }),
      ...(limits.streamWindowBytes !== undefined && {
        initialWindowSize: limits.streamWindowBytes,
      }),
    },
    windowWaits: new WindowWaits(),
    keepalive,
    compresses: compression === GZIP,
    messageBytesMax: limits.messageBytesMax ?? MESSAGE_BYTES_MAX,
    chat,
    methods: new Map(methods.map((method) => [method.path, method])),
    deadlines: new Deadlines(host.now),
    encodeSayReply: sayReplyEncoder(protos),
  };
}

/** Over TLS only who speaks HTTP/2 gets through: others are told so by ALPN, or cut off. */
function createListener(
  certificate: ServerTls | undefined,
  serve: (socket: Socket) => void,
): Server {
  if (certificate === undefined) return createServer({ noDelay: true }, serve);
  const { cert, key, clientAuthority } = certificate;
  const asking = clientAuthority !== undefined && {
    ca: clientAuthority,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const options = { cert, key, ...asking, ALPNProtocols: ['h2'], noDelay: true };
  return createTlsServer(options, (socket) => {
    if (socket.alpnProtocol === 'h2') serve(socket);
    else socket.destroy();
  });
}

/** @throws BindError */
async function listen(server: Server, { port, socketPath }: ServerParts): Promise<number> {
  if (socketPath === undefined) server.listen(port, SERVER_HOST);
  else server.listen(socketPath);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new BindError((error as Error).message, { cause: error });
  }
  return socketPath === undefined ? (server.address() as AddressInfo).port : 0;
}
