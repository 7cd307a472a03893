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
import {
  createRoomBrake,
  NO_BRAKE,
  type RoomBrake,
  type SenderCounter,
  type SenderStream,
} from './room-brake.js';
import { createRooms, DEFAULT_ROOM, HALF_CLOSE_KEY, staysSilent } from './rooms.js';

/** Told of every message. */
export interface MessageCounter extends OutboxCounter, SenderCounter {
  received(): void;
}

/** What a listener is told that does not keep up: behind what its stream's buffers still hold. */
const TOO_SLOW = { code: statusCode('RESOURCE_EXHAUSTED'), details: 'too slow a reader' };

/** The brake that a policy needs. */
export function brakeOf({ whenFull }: OutboxPolicy, counter: SenderCounter): RoomBrake {
  return whenFull === 'wait' ? createRoomBrake(counter) : NO_BRAKE;
}

/** Each message is a buffer of its own. */
const asItIs = (message: Buffer) => message;
const bytesOf = ({ length }: Buffer) => length;

export function createChatService(
  counter: MessageCounter,
  policy: OutboxPolicy,
): UntypedServiceImplementation {
  const rooms = createRooms<Buffer>();
  const brake = brakeOf(policy, counter);
  /** What outboxes of a room have in common. */
  const outboxesIn = (room: string) => ({
    ...{ keep: asItIs, bytesOf, policy, counter },
    onFull: () => brake.stop(room),
    onRoom: () => brake.free(room),
  });

  /** One message from a client to a room. */
  const take = (room: string, message: Buffer): number => {
    counter.received();
    return rooms.say(room, message);
  };

  return {
    Chat(stream: ServerDuplexStream<Buffer, Buffer>) {
      const room = roomOf(stream.metadata);
      const disconnect = () => void stream.emit('error', TOO_SLOW);
      const outbox = createOutbox(stream, { ...outboxesIn(room), disconnect });
      const member = { receive: (message: Buffer) => outbox.send(message) };
      const { say, leave } = rooms.join(room, member);
      const leaveBrake = brake.enter(room, senderOf(stream));
      const leaveRoom = () => {
        leave();
        leaveBrake();
      };
      const gone = () => {
        leaveRoom();
        outbox.close();
      };
      stream.on('data', (message: Buffer) => {
        counter.received();
        say(message);
      });
      const [halfClose] = stream.metadata.get(HALF_CLOSE_KEY);
      stream.on('end', () => {
        if (staysSilent(halfClose?.toString())) return;
        leaveRoom();
        outbox.end();
      });
      stream.on('cancelled', gone);
      // A stream that breaks is cancelled as well; unheard, its error would end the process.
      stream.on('error', gone);
    },

    Say(call: ServerUnaryCall<Buffer, SayReply>, reply: sendUnaryData<SayReply>) {
      const room = roomOf(call.metadata);
      const forget = brake.whenFree(room, () => {
        reply(null, { delivered: take(room, call.request) });
      });
      call.on('cancelled', forget);
    },

    Listen(stream: ServerWritableStream<ListenRequest, Buffer>) {
      const room = roomOf(stream.metadata);
      const outbox = createOutbox(stream, {
        ...outboxesIn(room),
        disconnect: () => void stream.emit('error', TOO_SLOW),
        limit: stream.request.limit,
        onLimit: () => leave(),
      });
      const { leave } = rooms.join(room, {
        receive: (message) => outbox.send(message),
      });
      const gone = () => {
        leave();
        outbox.close();
      };
      stream.on('cancelled', gone);
      stream.on('error', gone);
    },

    SayAll(stream: ServerReadableStream<Buffer, SayAllReply>, reply: sendUnaryData<SayAllReply>) {
      const room = roomOf(stream.metadata);
      const leaveBrake = brake.enter(room, senderOf(stream));
      let said = 0;
      let delivered = 0;
      stream.on('data', (message: Buffer) => {
        said++;
        delivered += take(room, message);
      });
      stream.on('end', () => {
        leaveBrake();
        reply(null, { said, delivered });
      });
      stream.on('cancelled', leaveBrake);
      stream.on('error', leaveBrake);
    },
  };
}

/** A stream as the brake stops it: what it has read ahead waits with it. */
function senderOf(stream: ServerReadableStream<Buffer, unknown>): SenderStream {
  return {
    pauseReading: () => void stream.pause(),
    resumeReading: () => void stream.resume(),
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
