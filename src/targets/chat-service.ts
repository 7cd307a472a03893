/**
 * The chat: `proto/chat.proto` served. It knows nothing of faults, capacity or counting of calls;
 * all that happens around it, in `hosted-call.ts`.
 */
import type {
  Metadata,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { statusCode } from '../base/status.js';
import { createOutbox, type OutboxCounter, type OutboxPolicy } from './outbox.js';
import { createRooms, DEFAULT_ROOM, HALF_CLOSE_KEY, staysSilent } from './rooms.js';

/** Told of every message. */
export interface MessageCounter extends OutboxCounter {
  received(): void;
}

/** What a listener is told that does not keep up: behind what its stream's buffers still hold. */
const TOO_SLOW = { code: statusCode('RESOURCE_EXHAUSTED'), details: 'too slow a reader' };

/** Each message is a buffer of its own. */
const asItIs = (message: Buffer) => message;

export function createChatService(
  counter: MessageCounter,
  policy: OutboxPolicy,
): UntypedServiceImplementation {
  const rooms = createRooms<Buffer>();
  const common = { keep: asItIs, policy, counter };

  /** One message from a client to a room. */
  const take = (room: string, message: Buffer): number => {
    counter.received();
    return rooms.say(room, message);
  };

  return {
    Chat(stream: ServerDuplexStream<Buffer, Buffer>) {
      const room = roomOf(stream.metadata);
      const disconnect = () => void stream.emit('error', TOO_SLOW);
      const outbox = createOutbox(stream, { ...common, disconnect });
      const member = { receive: (message: Buffer) => outbox.send(message) };
      const { say, leave } = rooms.join(room, member);
      stream.on('data', (message: Buffer) => {
        counter.received();
        say(message);
      });
      const [halfClose] = stream.metadata.get(HALF_CLOSE_KEY);
      stream.on('end', () => {
        if (staysSilent(halfClose?.toString())) return;
        leave();
        outbox.end();
      });
      stream.on('cancelled', leave);
      // A stream that breaks is cancelled as well; unheard, its error would end the process.
      stream.on('error', leave);
    },

    Say(call: ServerUnaryCall<Buffer, SayReply>, reply: sendUnaryData<SayReply>) {
      reply(null, { delivered: take(roomOf(call.metadata), call.request) });
    },

    Listen(stream: ServerWritableStream<ListenRequest, Buffer>) {
      const outbox = createOutbox(stream, {
        ...common,
        disconnect: () => void stream.emit('error', TOO_SLOW),
        limit: stream.request.limit,
        onLimit: () => leave(),
      });
      const { leave } = rooms.join(roomOf(stream.metadata), {
        receive: (message) => outbox.send(message),
      });
      stream.on('cancelled', leave);
      stream.on('error', leave);
    },

    SayAll(stream: ServerReadableStream<Buffer, SayAllReply>, reply: sendUnaryData<SayAllReply>) {
      const room = roomOf(stream.metadata);
      let said = 0;
      let delivered = 0;
      stream.on('data', (message: Buffer) => {
        said++;
        delivered += take(room, message);
      });
      stream.on('end', () => reply(null, { said, delivered }));
      stream.on('error', () => {});
    },
  };
}

interface SayReply {
  readonly delivered: number;
}

interface ListenRequest {
  readonly limit: number;
}

interface SayAllReply {
  readonly said: number;
  readonly delivered: number;
}

function roomOf(metadata: Metadata): string {
  const [room] = metadata.get('room');
  return room === undefined || room.length === 0 ? DEFAULT_ROOM : String(room);
}
