/**
 * `server: wire`: the chat, health and reflection services on our own HTTP/2, so cheap per call that
 * the server is not what limits a benchmark.
 *
 * It reads gzip and no other encoding, and never compresses replies: those to unary calls come from
 * templates. It also refuses calls that are malformed, which grpc-js may take (`wrong-calls.test.ts`).
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { ReflectionService } from '@grpc/reflection';
import { Deadlines } from './deadlines.js';
import { createHealthService } from './health-service.js';
import { HEALTH_SERVICE, serviceOf } from './protos.js';
import { sayReplyEncoder } from './say-replies.js';
import { BindError, type RunningServer, SERVER_HOST, type ServerParts } from './server.js';
import { adaptService } from './wire-adapted-service.js';
import { createWireChat } from './wire-chat.js';
import { WireConnection, type WireServices } from './wire-connection.js';
import type { WireMethod } from './wire-method.js';

/** @throws BindError */
export async function startWireServer(parts: ServerParts): Promise<RunningServer> {
  const services = createServices(parts);
  const connections = new Set<WireConnection>();
  const server = createServer({ noDelay: true }, (socket) => {
    connections.add(new WireConnection(socket, services, (self) => connections.delete(self)));
  });
  const port = await listen(server, parts.port);
  return {
    port,
    close() {
      server.close();
      for (const connection of connections) connection.destroy();
      services.deadlines.clear();
    },
  };
}

function createServices({ host, board, protos }: ServerParts): WireServices {
  const { messages, health } = host.counters;
  const chat = createWireChat(protos, messages);
  const methods: WireMethod[] = [
    ...chat.methods,
    ...adaptService(serviceOf(protos, HEALTH_SERVICE), createHealthService(board, health)),
  ];
  new ReflectionService(protos).addToServer({
    addService: (service, implementation) => {
      methods.push(...adaptService(service, implementation));
    },
  });
  return {
    host,
    chat,
    methods: new Map(methods.map((method) => [method.path, method])),
    deadlines: new Deadlines(host.now),
    encodeSayReply: sayReplyEncoder(protos),
  };
}

/** @throws BindError */
async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, SERVER_HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new BindError((error as Error).message, { cause: error });
  }
  return (server.address() as AddressInfo).port;
}
