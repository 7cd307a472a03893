/** grpc-js servers that say which of them answers, for tests of where a client sends its calls. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type StatusObject,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { type StatusName, statusName } from '../../src/base/status.js';

const asIs = (bytes: Buffer) => bytes;
export const UNARY = '/test.Numbered/Which';
export const STREAM = '/test.Numbered/Stream';
const method = (path: string, isStream: boolean) => ({
  path,
  requestStream: isStream,
  responseStream: isStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

export interface NumberedServers extends Disposable {
  /** `b0`, `b1` …, in the order of their numbers. */
  readonly backends: readonly { readonly name: string; readonly address: string }[];
  /** Connections that were made so far, and those that are open. */
  connections(): { readonly made: number; readonly open: number };
  /** Ends one and its connections. */
  kill(name: string): void;
  /** Closes the connections of one, which goes on. */
  cut(name: string): void;
  /** From now on one answers UNAVAILABLE, or again as it should. */
  refuse(name: string, isRefusing: boolean): void;
}

/** @param addServices adds what else each of them serves. */
export async function startServers(
  count: number,
  addServices: (server: Server, name: string) => void = () => {},
): Promise<NumberedServers> {
  const names = Array.from({ length: count }, (_, index) => `b${index}`);
  const servers = await Promise.all(names.map((name) => startServer(name, addServices)));
  return {
    backends: servers.map(({ name, address }) => ({ name, address })),
    connections: () => ({
      made: servers.reduce((sum, { counts }) => sum + counts.made, 0),
      open: servers.reduce((sum, { sockets }) => sum + sockets.size, 0),
    }),
    cut(name) {
      const { sockets } = servers.find((server) => server.name === name) ?? {};
      for (const socket of sockets ?? []) socket.destroy();
    },
    refuse(name, isRefusing) {
      const server = servers.find((one) => one.name === name);
      if (server !== undefined) server.state.isRefusing = isRefusing;
    },
    kill: (name) => servers.find((server) => server.name === name)?.end(),
    [Symbol.dispose]() {
      for (const { end } of servers) end();
    },
  };
}

async function startServer(name: string, addServices: (server: Server, name: string) => void) {
  const server = new Server();
  const state = { isRefusing: false };
  addServices(server, name);
  server.addService(
    { Which: method(UNARY, false), Stream: method(STREAM, true) },
    {
      Which: (_call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) =>
        reply(state.isRefusing ? { code: status.UNAVAILABLE } : null, Buffer.from(name)),
      Stream(call: ServerDuplexStream<Buffer, Buffer>) {
        call.on('data', () => call.write(Buffer.from(name)));
        call.on('end', () => call.end());
        call.on('error', () => {});
      },
    },
  );
  // Its sockets are ours, so that they can be counted.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const counts = { made: 0 };
  const listener = createServer((socket) => {
    counts.made++;
    sockets.add(socket);
    socket.setNoDelay(true).on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    injector.injectConnection(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const end = () => {
    listener.close();
    for (const socket of sockets) socket.destroy();
    injector.destroy();
    server.forceShutdown();
  };
  const { port } = listener.address() as AddressInfo;
  return { name, sockets, counts, end, state, address: `127.0.0.1:${port}` };
}

/** How a call ended; `by` is the server that answered. */
export interface Answer {
  readonly by?: string;
  readonly status: StatusName;
  readonly details: string;
}

export interface CallSettings {
  readonly waitForReady?: boolean;
  readonly deadlineMs?: number;
}

export interface NumberedStream {
  /** Resolves with the name of the server that the stream is on. */
  say(): Promise<string>;
  /** Ends it in an orderly way. */
  end(): Promise<StatusName>;
}

export interface NumberedClient extends Disposable {
  which(settings?: CallSettings): Promise<Answer>;
  /** The servers that answer so many calls, one after another, each once, in order of their names. */
  those(calls: number): Promise<readonly string[]>;
  stream(): NumberedStream;
  close(): void;
}

/** @param target a name of grpc-js. @param options channel arguments. */
export function numberedClient(target: string, options: object = {}): NumberedClient {
  const client = new Client(target, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  });
  const which = (settings: CallSettings = {}) => callOnce(client, settings);
  return {
    which,
    async those(calls) {
      const seen = new Set<string>();
      for (let call = 0; call < calls; call++) {
        const { by, status } = await which({ deadlineMs: 5_000 });
        seen.add(by ?? status);
      }
      return [...seen].toSorted();
    },
    stream: () => streamOf(client.makeBidiStreamRequest(STREAM, asIs, asIs, new Metadata(), {})),
    close: () => client.close(),
    [Symbol.dispose]: () => client.close(),
  };
}

function callOnce(
  client: Client,
  { waitForReady = false, deadlineMs }: CallSettings,
): Promise<Answer> {
  return new Promise((resolve) => {
    let by: string | undefined;
    const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
    const metadata = new Metadata({ waitForReady });
    const request = Buffer.alloc(0);
    client
      .makeUnaryRequest(UNARY, asIs, asIs, request, metadata, options, (_error, reply) => {
        by = reply?.toString();
      })
      // The reply's callback comes right after the status.
      .on('status', ({ code, details }: StatusObject) =>
        setImmediate(() =>
          resolve({ ...(by === undefined ? {} : { by }), status: statusName(code), details }),
        ),
      );
  });
}

function streamOf(call: ClientDuplexStream<Buffer, Buffer>): NumberedStream {
  const waiting: ((by: string) => void)[] = [];
  const ended = new Promise<StatusName>((resolve) => {
    call.on('status', ({ code }: StatusObject) => resolve(statusName(code)));
  });
  call.on('data', (by: Buffer) => waiting.shift()?.(by.toString()));
  call.on('error', () => {});
  return {
    say: () =>
      Promise.race([
        new Promise<string>((resolve) => {
          waiting.push(resolve);
          call.write(Buffer.from('?'));
        }),
        ended.then((status) => `ended: ${status}`),
      ]),
    end() {
      call.end();
      return ended;
    },
  };
}
