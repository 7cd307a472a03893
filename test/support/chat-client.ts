/** A real grpc-js client of the chat and health services, for tests of servers. */
import {
  type CallOptions,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type MethodDefinition,
  type StatusObject,
} from '@grpc/grpc-js';
import { CALL_ID_KEY, formatCallId } from '../../src/base/call-id.js';
import { loadProtos, serviceOf } from '../../src/targets/protos.js';

export interface ChatMessage {
  readonly user: string;
  readonly content: string;
  readonly timestamp: number;
}

/** How a call ended. */
export interface Ended<Reply> {
  readonly code: number;
  readonly details: string;
  readonly trailers: Metadata;
  readonly reply: Reply | undefined;
  /** From the call to its end, by the monotonic clock. */
  readonly tookMs: number;
}

export interface CallSettings {
  /** Sent as `squall-call`. */
  readonly id?: { readonly ordinal: number; readonly dueNs: number };
  readonly room?: string;
  readonly deadlineMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

const protos = loadProtos();

/** A call's definition by the full names of its service and method. */
function methodOf(service: string, method: string): MethodDefinition<unknown, unknown> {
  const definition = serviceOf(protos, service)[method];
  if (definition === undefined) throw new Error(`no method ${service}/${method}`);
  return definition;
}

function metadataOf({ id, room, metadata: entries = {} }: CallSettings): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  if (id !== undefined) metadata.set(CALL_ID_KEY, formatCallId(id.ordinal, id.dueNs));
  if (room !== undefined) metadata.set('room', room);
  return metadata;
}

function optionsOf({ deadlineMs }: CallSettings): CallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}

/** A message with a content. */
export function chatMessage(content: string): ChatMessage {
  return { user: 'test', content, timestamp: 1 };
}

/** Everything that a stream gave, and its end. */
export interface Heard<Message> {
  readonly messages: readonly Message[];
  readonly status: Promise<StatusObject>;
  cancel(): void;
}

function listenTo<Message>(stream: ClientReadableStream<Message>): Heard<Message> {
  const messages: Message[] = [];
  stream.on('data', (message: Message) => messages.push(message));
  // The status says the same; unheard, the error would end the test's process.
  stream.on('error', () => {});
  const status = new Promise<StatusObject>((resolve) => stream.once('status', resolve));
  return { messages, status, cancel: () => stream.cancel() };
}

export function createChatClient(address: string, options: ChannelOptions = {}) {
  const client = new Client(address, credentials.createInsecure(), options);

  const unary = <Reply>(
    service: string,
    name: string,
    request: unknown,
    settings: CallSettings,
  ) => {
    const method = methodOf(service, name);
    const startMs = performance.now();
    return new Promise<Ended<Reply>>((resolve) => {
      let reply: Reply | undefined;
      const call = client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadataOf(settings),
        optionsOf(settings),
        (_error, value) => {
          reply = value as Reply | undefined;
        },
      );
      call.on('status', ({ code, details, metadata: trailers }) => {
        const tookMs = performance.now() - startMs;
        // The reply's callback comes right after the status.
        setImmediate(() => resolve({ code, details, trailers, reply, tookMs }));
      });
    });
  };

  return {
    close: () => client.close(),
    [Symbol.dispose]: () => client.close(),
    say: (content: string, settings: CallSettings = {}) =>
      unary<{ delivered: number }>('chat.ChatService', 'Say', chatMessage(content), settings),
    check: (service: string) =>
      unary<{ status: string }>('grpc.health.v1.Health', 'Check', { service }, {}),
    listHealth: () =>
      unary<{ statuses: Readonly<Record<string, { status: string }>> }>(
        'grpc.health.v1.Health',
        'List',
        {},
        {},
      ),
    watch(service: string) {
      const method = methodOf('grpc.health.v1.Health', 'Watch');
      return listenTo(
        client.makeServerStreamRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize as (bytes: Buffer) => { status: string },
          { service },
        ),
      );
    },
    listen(limit: number, settings: CallSettings = {}) {
      const method = methodOf('chat.ChatService', 'Listen');
      return listenTo(
        client.makeServerStreamRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize as (bytes: Buffer) => ChatMessage,
          { limit },
          metadataOf(settings),
          optionsOf(settings),
        ),
      );
    },
    chat(settings: CallSettings = {}) {
      const method = methodOf('chat.ChatService', 'Chat');
      const stream: ClientDuplexStream<unknown, ChatMessage> = client.makeBidiStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize as (bytes: Buffer) => ChatMessage,
        metadataOf(settings),
        optionsOf(settings),
      );
      return {
        ...listenTo(stream),
        say: (content: string) => void stream.write(chatMessage(content)),
        end: () => void stream.end(),
      };
    },
    sayAll(contents: readonly string[], settings: CallSettings = {}) {
      const method = methodOf('chat.ChatService', 'SayAll');
      return new Promise<Omit<Ended<{ said: number; delivered: number }>, 'tookMs'>>((resolve) => {
        let reply: { said: number; delivered: number } | undefined;
        const stream = client.makeClientStreamRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          metadataOf(settings),
          optionsOf(settings),
          (_error, value) => {
            reply = value as typeof reply;
          },
        );
        stream.on('status', ({ code, details, metadata: trailers }) =>
          setImmediate(() => resolve({ code, details, trailers, reply })),
        );
        for (const content of contents) stream.write(chatMessage(content));
        stream.end();
      });
    },
  };
}
