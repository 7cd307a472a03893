import { z } from 'zod';
import { openArrivalSchema, openArrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import { STATUS_OK, statusCode } from '../base/status.js';
import { positiveDuration, size } from '../base/units.js';
import { type CallContext, type Contradiction, defineCall, type OpenCall } from './call.js';
import type { OnReply, ReadingSide } from './channel.js';
import {
  contentOf,
  encodeListenRequest,
  LISTEN_METHOD,
  StampedMessage,
  timestampOf,
} from './chat-codec.js';
import { judgedTicket } from './judged-ticket.js';
import { openSayAll } from './said-all.js';
import {
  READS_ON,
  readSlowly,
  readsSlowly,
  type SlowReaders,
  slowReadersSchema,
} from './slow-readers.js';
import { messageSender, speakOnSchedule } from './speech.js';
import type { CallTicket } from './ticket.js';

const CANCELLED = statusCode('CANCELLED');
/** The server ended the stream well after another number of messages than it was asked for. */
const WRONG_COUNT = statusCode('DATA_LOSS');

const schema = z.strictObject({
  /** Messages after which a listener's stream ends; as long as the load when absent. */
  limit: z.int().min(1).max(4_294_967_295).optional(),
  /** When the speaker of each room speaks. */
  messages: openArrivalSchema,
  messageSize: size().default(32),
  /** Streams of one worker that share a room: the first speaks, the others listen. */
  roomSize: z.int().min(2).max(100_000).default(10),
  /** A listener's stream is ended after so long; as long as the load when absent. */
  lifetime: positiveDuration().optional(),
  /** A listener's stream is cancelled on purpose after so many messages that were heard. */
  cancelAfter: z.int().min(1).max(4_294_967_295).optional(),
  slowReaders: slowReadersSchema.optional(),
});

type ServerStreamOptions = z.output<typeof schema>;

/**
 * A listener in a room, timing what it hears.
 *
 * Somebody must speak: the first stream of each room is a SayAll that lasts as long as the load, a call
 * of the load like the others, so that attempts and calls still add up. A listener that reached its
 * limit is followed by the next; one that is still open at the load's end is cancelled, which is how
 * a client ends a stream of replies, and counts as OK.
 */
export const serverStream = defineCall({
  kind: 'server-stream',
  summary: 'Listeners in rooms where one stream speaks on a schedule: times every message heard.',
  schema,
  longLived: true,
  contradiction,
  prepare(options, context) {
    const { roomSize, slowReaders } = options;
    const request = encodeListenRequest(options.limit ?? 0);
    return (ticket, slot) => {
      const room = `${context.load}/${context.worker}/${Math.floor(slot / roomSize)}`;
      if (slot % roomSize === 0) return speak(options, context, ticket, room);
      const slowly = readsSlowly(slowReaders, slot, roomSize) ? slowReaders : undefined;
      return listen({ options, request, room, slowly }, context, ticket);
    };
  },
});

function contradiction(options: ServerStreamOptions): Contradiction | undefined {
  const { limit = Number.POSITIVE_INFINITY, cancelAfter = 0, slowReaders, roomSize } = options;
  if (cancelAfter >= limit) {
    return { option: 'cancelAfter', message: `the stream ends after its limit of ${limit}` };
  }
  if (slowReaders !== undefined && slowReaders.perRoom >= roomSize) {
    return { option: 'slowReaders', message: 'perRoom is below roomSize: the first one speaks' };
  }
  return undefined;
}

function speak(
  options: ServerStreamOptions,
  context: CallContext,
  ticket: CallTicket,
  room: string,
): OpenCall {
  const call = openSayAll(context, ticket, room);
  const { kind, options: schedule } = options.messages;
  const content = contentOf(options.messageSize);
  const message = new StampedMessage(`${context.load}/${ticket.ordinal}`, content);
  const send = messageSender(call.stream, message, context, ticket);
  let isFinished = false;
  speakOnSchedule(entryOf(openArrivals, kind), schedule, context, {
    ticket,
    send(dueNs) {
      const isSent = send(dueNs);
      if (isSent) call.sent++;
      return isSent;
    },
    isOver: () => isFinished || ticket.ended,
  });
  return {
    finish() {
      isFinished = true;
      call.stream.finish();
    },
  };
}

interface Listening {
  readonly options: ServerStreamOptions;
  readonly request: Buffer;
  readonly room: string;
  /** How slowly it reads; undefined: as fast as it can. */
  readonly slowly: SlowReaders | undefined;
}

function listen(
  { options, request, room, slowly }: Listening,
  context: CallContext,
  ticket: CallTicket,
): OpenCall {
  const { messages, deadlineNs, now } = context;
  const { limit, cancelAfter, lifetime } = options;
  const received = slowly === undefined ? messages.received : messages.receivedSlowly;
  let heard = 0;
  let isFinished = false;
  const judged = judgedTicket(ticket, (code) => {
    if (isFinished && code === CANCELLED) return STATUS_OK;
    // Without a limit only we end it.
    return code === STATUS_OK && heard !== limit ? WRONG_COUNT : code;
  });
  const hear: OnReply = (bytes, start, end) => {
    const dueNs = timestampOf(bytes, start, end);
    if (dueNs === undefined) return false;
    heard++;
    received(dueNs, now());
    if (heard === cancelAfter) ticket.withdraw();
    slow.heard();
    return true;
  };
  const reading: ReadingSide = context
    .channel()
    .serverStream(LISTEN_METHOD, request, judged, deadlineNs, { room }, hear);
  const slow = slowly === undefined ? READS_ON : readSlowly(slowly, context, ticket, () => reading);
  const finish = () => {
    isFinished = true;
    judged.cancel();
  };
  if (lifetime !== undefined) context.at(ticket.sentNs + lifetime, finish);
  return { finish };
}
