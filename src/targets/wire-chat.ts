/**
 * The chat on the wire server: what `chat-service.ts` is on grpc-js. Messages are handed on as the
 * framed octets that they came in; nobody looks into them.
 */
import type { PackageDefinition } from '@grpc/proto-loader';
import { framedMessage } from '../http2/grpc-message.js';
import { brakeOf, type MessageCounter } from './chat-service.js';
import { type Framed, keepFramed, wholeFramed } from './framed.js';
import { createOutbox, type OutboxPolicy } from './outbox.js';
import { CHAT_SERVICE, serviceOf } from './protos.js';
import { createRooms } from './rooms.js';
import { decodeRequest } from './wire-adapted-service.js';
import type { WireCall } from './wire-call.js';
import type { RequestHandler, WireMethod } from './wire-method.js';

const bytesOf = ({ start, end }: Framed) => end - start;

export interface WireChat {
  readonly methods: readonly WireMethod[];
  /** The one among them that most calls are of. */
  readonly say: WireMethod;
  /**
   * One message from a client to a room, with its prefix; valid during the call only.
   * @returns how many members it was handed to.
   */
  take(room: string, framed: Framed): number;
  /** Whether a Say may have to wait: then it is not answered in the turn it came in. */
  readonly mayWait: boolean;
}

export function createWireChat(
  protos: PackageDefinition,
  counter: MessageCounter,
  policy: OutboxPolicy,
): WireChat {
  const { Chat, Say, SayAll, Listen } = serviceOf(protos, CHAT_SERVICE);
  if (!Chat || !Say || !SayAll || !Listen) throw new Error(`${CHAT_SERVICE} lacks a method`);
  const rooms = createRooms<Framed>();
  const brake = brakeOf(policy, counter);
  /** What outboxes of a room have in common. */
  const outboxesIn = (room: string) => ({
    ...{ keep: keepFramed, bytesOf, policy, counter },
    onFull: () => brake.stop(room),
    onRoom: () => brake.free(room),
  });

  const take = (room: string, framed: Framed): number => {
    counter.received();
    return rooms.say(room, framed);
  };

  const beginChat = (call: WireCall): RequestHandler => {
    const { room } = call;
    const disconnect = () => call.disconnect();
    const outbox = createOutbox(call, { ...outboxesIn(room), disconnect });
    const { say, leave } = rooms.join(room, { receive: (framed) => outbox.send(framed) });
    const leaveBrake = brake.enter(room, call);
    call.onOver(leave);
    call.onOver(leaveBrake);
    call.onOver(() => outbox.close());
    return {
      message(framed) {
        counter.received();
        say(framed);
      },
      halfClose() {
        if (call.staysSilent) return;
        leave();
        leaveBrake();
        outbox.end();
      },
    };
  };

  const beginSayAll = (call: WireCall): RequestHandler => {
    let said = 0;
    let delivered = 0;
    call.onOver(brake.enter(call.room, call));
    return {
      message(framed) {
        said++;
        delivered += take(call.room, framed);
      },
      halfClose: () => call.reply(framedMessage(SayAll.responseSerialize({ said, delivered }))),
    };
  };

  const serveListen = (call: WireCall, framed: Buffer) => {
    const request = decodeRequest(call, Listen.requestDeserialize, framed);
    if (request === undefined) return;
    const { limit } = request as { readonly limit: number };
    const outbox = createOutbox(call, {
      ...outboxesIn(call.room),
      disconnect: () => call.disconnect(),
      limit,
      onLimit: () => leave(),
    });
    const { leave } = rooms.join(call.room, { receive: (message) => outbox.send(message) });
    call.onOver(leave);
    call.onOver(() => outbox.close());
  };

  const hosted = (path: string, responseStream: boolean) =>
    ({ path, isHosted: true, responseStream }) as const;
  const say: WireMethod = {
    ...hosted(Say.path, false),
    requestStream: false,
    serve(call, framed) {
      const { room } = call;
      const answer = () => call.replyDelivered(take(room, wholeFramed(framed)));
      call.onOver(brake.whenFree(room, answer));
    },
  };
  return {
    mayWait: policy.whenFull === 'wait',
    say,
    take,
    methods: [
      say,
      { ...hosted(Chat.path, true), requestStream: true, begin: beginChat },
      { ...hosted(SayAll.path, false), requestStream: true, begin: beginSayAll },
      { ...hosted(Listen.path, true), requestStream: false, serve: serveListen },
    ],
  };
}
