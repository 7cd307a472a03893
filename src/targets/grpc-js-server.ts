/** `server: grpc-js`: the chat, health, load report and reflection services on the gRPC library for Node. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createChatService } from './chat-service.js';
import type { ServerTls } from './fleet-tls.js';
import { createHealthService } from './health-service.js';
import { hostInterceptor } from './hosted-call.js';
import { HEALTH_SERVICE, LOAD_REPORT_SERVICE, rawChatService, serviceOf } from './protos.js';
import { createReflection } from './reflection.js';
import { BindError, type RunningServer, SERVER_HOST, type ServerParts } from './server.js';
import { grpcJsKeepalive } from './server-keepalive.js';
import { grpcJsLimits } from './server-limits.js';

/** @throws BindError */
export async function startGrpcJsServer(parts: ServerParts): Promise<RunningServer> {
  const { host, protos, interceptors = [] } = parts;
  const { messages, health } = host.counters;
  const server = new Server({
    // Channelz keeps books per call that nobody here reads.
    'grpc.enable_channelz': 0,
    ...grpcJsLimits(parts.limits),
    ...grpcJsKeepalive(parts.keepalive ?? {}),
    ...parts.options,
    interceptors: [...interceptors, hostInterceptor(host)],
  });
  server.addService(rawChatService(protos), createChatService(messages, parts.outbox));
  server.addService(serviceOf(protos, HEALTH_SERVICE), createHealthService(parts.health, health));
  server.addService(serviceOf(protos, LOAD_REPORT_SERVICE), parts.loadReports);
  createReflection(protos).addToServer(server);
  const port = await bind(server, parts);
  return {
    port,
    // An error would be that it does not listen any more, which is what is wanted.
    drain: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    close: () => server.forceShutdown(),
  };
}

function bind(server: Server, { port, socketPath, certificate }: ServerParts): Promise<number> {
  const address = socketPath === undefined ? `${SERVER_HOST}:${port}` : `unix:${socketPath}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentialsOf(certificate), (error, bound) => {
      if (error === null) resolve(socketPath === undefined ? bound : 0);
      else reject(new BindError(reasonOf(error), { cause: error }));
    });
  });
}

function credentialsOf(certificate: ServerTls | undefined): ServerCredentials {
  if (certificate === undefined) return ServerCredentials.createInsecure();
  const pair = {
    cert_chain: Buffer.from(certificate.cert),
    private_key: Buffer.from(certificate.key),
  };
  const { clientAuthority } = certificate;
  if (clientAuthority === undefined) return ServerCredentials.createSsl(null, [pair]);
  return ServerCredentials.createSsl(Buffer.from(clientAuthority), [pair], true);
}

/** `listen EADDRINUSE: address already in use …` out of the frame that grpc-js puts around it. */
function reasonOf({ message }: Error): string {
  return /errors: \[(.*)\]$/.exec(message)?.[1] ?? message;
}
