/** A grpc-js server that gives back what it is sent, and calls to it, for tests of interceptors. */
import {
  Client,
  credentials,
  type Interceptor,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerInterceptor,
  type ServerUnaryCall,
  type StatusObject,
  type sendUnaryData,
} from '@grpc/grpc-js';

const asIs = (bytes: Buffer) => bytes;
export const UNARY = '/test.Echo/Unary';
const STREAM = '/test.Echo/Stream';

const method = (path: string, isStream: boolean) => ({
  path,
  requestStream: isStream,
  responseStream: isStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

export interface EchoChains {
  readonly client?: readonly Interceptor[];
  readonly server?: readonly ServerInterceptor[];
}

export interface EchoSettings {
  readonly deadlineMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export type Ended = Pick<StatusObject, 'code' | 'details' | 'metadata'> & {
  readonly replies: readonly string[];
};

export interface EchoStream {
  readonly ended: Promise<Ended>;
  /** Resolves with the next reply. */
  say(text: string): Promise<string>;
  end(): void;
  cancel(): void;
}

export interface Echo extends AsyncDisposable {
  /** For other clients. */
  readonly address: string;
  /** What the handlers were given, in the order of the calls. */
  readonly seen: readonly Metadata[];
  /** Streams that handlers saw cancelled. */
  readonly cancelled: () => number;
  /** A request "fail" is answered with FAILED_PRECONDITION and a trailer; "hang" never. */
  unary(text: string, settings?: EchoSettings): Promise<Ended>;
  stream(settings?: EchoSettings): EchoStream;
}

export async function startEcho({ client = [], server = [] }: EchoChains): Promise<Echo> {
  const seen: Metadata[] = [];
  let cancelled = 0;
  const target = new Server({ interceptors: [...server] });
  target.addService(
    { Unary: method(UNARY, false), Stream: method(STREAM, true) },
    {
      Unary(call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) {
        seen.push(call.metadata);
        call.on('cancelled', () => {});
        const text = call.request.toString();
        if (text === 'hang') return;
        const trailers = new Metadata();
        trailers.set('why', 'asked');
        if (text === 'fail') reply({ code: 9, details: 'as asked', metadata: trailers });
        else reply(null, call.request);
      },
      Stream(call: ServerDuplexStream<Buffer, Buffer>) {
        seen.push(call.metadata);
        call.on('data', (message: Buffer) => call.write(message));
        call.on('end', () => call.end());
        call.on('cancelled', () => cancelled++);
        call.on('error', () => {});
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    target.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const caller = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    interceptors: [...client],
  });
  return {
    address: `127.0.0.1:${port}`,
    seen,
    cancelled: () => cancelled,
    unary: (text, settings = {}) => callUnary(caller, text, settings),
    stream: (settings = {}) => openStream(caller, settings),
    async [Symbol.asyncDispose]() {
      caller.close();
      target.forceShutdown();
    },
  };
}

function metadataOf({ metadata: entries = {} }: EchoSettings): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}

const optionsOf = ({ deadlineMs }: EchoSettings) =>
  deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };

function callUnary(client: Client, text: string, settings: EchoSettings): Promise<Ended> {
  return new Promise((resolve) => {
    const replies: string[] = [];
    const call = client.makeUnaryRequest(
      UNARY,
      asIs,
      asIs,
      Buffer.from(text),
      metadataOf(settings),
      optionsOf(settings),
      (_error, reply) => {
        if (reply !== undefined) replies.push(reply.toString());
      },
    );
    // The reply's callback comes right after the status.
    call.on('status', (status: StatusObject) =>
      setImmediate(() => resolve({ ...status, replies })),
    );
  });
}

function openStream(client: Client, settings: EchoSettings): EchoStream {
  const call = client.makeBidiStreamRequest(
    STREAM,
    asIs,
    asIs,
    metadataOf(settings),
    optionsOf(settings),
  );
  const replies: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  call.on('data', (message: Buffer) => {
    replies.push(message.toString());
    waiting.shift()?.(message.toString());
  });
  call.on('error', () => {});
  return {
    ended: new Promise((resolve) =>
      call.on('status', (status: StatusObject) => resolve({ ...status, replies })),
    ),
    say: (text) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        call.write(Buffer.from(text));
      }),
    end: () => void call.end(),
    cancel: () => call.cancel(),
  };
}
