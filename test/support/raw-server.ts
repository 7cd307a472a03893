/** A grpc-js server with handlers of a test's own, and a client of it: octets go in and out as they are. */
import {
  type ChannelOptions,
  Client,
  credentials,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerOptions,
} from '@grpc/grpc-js';

export const asIs = (bytes: Buffer) => bytes;
export const UNARY = '/test.Raw/Unary';
export const DOWN = '/test.Raw/Down';
export const UP = '/test.Raw/Up';

const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
  path,
  requestStream,
  responseStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

export interface RawHandlers {
  /** Absent: gives back what it is sent. */
  readonly unary?: handleUnaryCall<Buffer, Buffer>;
  readonly down?: handleServerStreamingCall<Buffer, Buffer>;
  readonly up?: handleClientStreamingCall<Buffer, Buffer>;
}

const echo: handleUnaryCall<Buffer, Buffer> = (call, reply) => reply(null, call.request);
const endAtOnce: handleServerStreamingCall<Buffer, Buffer> = (call) => call.end();
const answerAtOnce: handleClientStreamingCall<Buffer, Buffer> = (_call, reply) =>
  reply(null, Buffer.alloc(0));

export interface RawServer extends Disposable {
  readonly server: Server;
  readonly address: string;
  /** On a connection of its own. */
  client(options?: ChannelOptions): Client & Disposable;
}

export async function startRawServer(
  { unary = echo, down = endAtOnce, up = answerAtOnce }: RawHandlers,
  options: ServerOptions = {},
): Promise<RawServer> {
  const server = new Server(options);
  server.addService(
    {
      Unary: method(UNARY, false, false),
      Down: method(DOWN, false, true),
      Up: method(UP, true, false),
    },
    {
      Unary: unary,
      Down: down,
      Up: up,
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const address = `127.0.0.1:${port}`;
  return {
    server,
    address,
    client(channelOptions = {}) {
      const client = new Client(address, credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
        ...channelOptions,
      });
      return Object.assign(client, { [Symbol.dispose]: () => client.close() });
    },
    [Symbol.dispose]: () => server.forceShutdown(),
  };
}

/** @returns the status code of a unary call; 0 is OK. */
export function unaryCode(client: Client, deadlineMs = 20_000, body = ''): Promise<number> {
  const deadline = Date.now() + deadlineMs;
  return new Promise((resolve) => {
    client.makeUnaryRequest(UNARY, asIs, asIs, Buffer.from(body), { deadline }, (error) =>
      resolve(error?.code ?? 0),
    );
  });
}
