/**
 * The chat on the wire server: what `chat-service.ts` is on grpc-js. Messages are handed on as the
 * framed octets that they came in; nobody looks into them.
 */
import type { PackageDefinition } from '@grpc/proto-loader';
import { framedMessage } from '../http2/grpc-message.js';
import type { MessageCounter } from './chat-service.js';
import { type Framed, keepFramed, wholeFramed } from './framed.js';
import { createOutbox, type OutboxPolicy } from './outbox.js';
import { CHAT_SERVICE, serviceOf } from './protos.js';
import { createRooms } from './rooms.js';
import { decodeRequest } from './wire-adapted-service.js';
import type { WireCall } from './wire-call.js';
import type { RequestHandler, WireMethod } from './wire-method.js';

export interface WireChat {
  readonly methods: readonly WireMethod[];
  /** The one among them that most calls are of. */
  readonly say: WireMethod;
  /**
   * One message from a client to a room, with its prefix; valid during the call only.
   * @returns how many members it was handed to.
   */
  take(room: string, framed: Framed): number;
}

export function createWireChat(
  protos: PackageDefinition,
  counter: MessageCounter,
  policy: OutboxPolicy,
): WireChat {
  const { Chat, Say, SayAll, Listen } = serviceOf(protos, CHAT_SERVICE);
  if (!Chat || !Say || !SayAll || !Listen) throw new Error(`${CHAT_SERVICE} lacks a method`);
  const rooms = createRooms<Framed>();
  const common = { keep: keepFramed, policy, counter };

  const take = (room: string, framed: Framed): number => {
    counter.received();
    return rooms.say(room, framed);
  };

  const beginChat = (call: WireCall): RequestHandler => {
    const outbox = createOutbox(call, { ...common, disconnect: () => call.disconnect() });
    const { say, leave } = rooms.join(call.room, { receive: (framed) => outbox.send(framed) });
    call.onOver(leave);
    return {
      message(framed) {
        counter.received();
        say(framed);
      },
      halfClose() {
        if (call.staysSilent) return;
        leave();
        outbox.end();
      },
    };
  };

  const beginSayAll = (call: WireCall): RequestHandler => {
    let said = 0;
    let delivered = 0;
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
      ...common,
      disconnect: () => call.disconnect(),
      limit,
      onLimit: () => leave(),
    });
    const { leave } = rooms.join(call.room, { receive: (message) => outbox.send(message) });
    call.onOver(leave);
  };

  const hosted = (path: string, responseStream: boolean) =>
    ({ path, isHosted: true, responseStream }) as const;
  const say: WireMethod = {
    ...hosted(Say.path, false),
    requestStream: false,
    serve: (call, framed) => call.replyDelivered(take(call.room, wholeFramed(framed))),
  };
  return {
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
