import { z } from 'zod';
import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivalSchema, arrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import { NS_PER_SECOND } from '../base/clock.js';
import { positiveDuration, size } from '../base/units.js';
import { type CallContext, type Contradiction, defineCall, type OpenCall } from './call.js';
import type { OnReply } from './channel.js';
import { CHAT_METHOD, contentOf, StampedMessage, timestampOf } from './chat-codec.js';
import { openChatEnds } from './chat-ends.js';
import { READS_ON, readSlowly, readsSlowly, slowReadersSchema } from './slow-readers.js';
import { messageSender, speakOnSchedule } from './speech.js';
import type { CallTicket } from './ticket.js';

const manyMessages = z.int().min(1).max(1_000_000_000);

const schema = z.strictObject({
  /** When each stream sends its messages; closed: two streams answer each other. */
  messages: arrivalSchema,
  messageSize: size().default(32),
  /** Streams of one worker that share a room; each hears what the others in it say. 10, or 2 that answer. */
  roomSize: z.int().min(1).max(100_000).optional(),
  /** Ended after so long; as long as the load when absent. */
  lifetime: positiveDuration().optional(),
  /** Ended after so many messages that were due. */
  count: manyMessages.optional(),
  /** Says no more after so long, or so many messages that were due, and goes on listening. */
  halfClose: z.union([positiveDuration(), z.strictObject({ messages: manyMessages })]).optional(),
  /** Cancelled on purpose after so many messages that were heard. */
  cancelAfter: manyMessages.optional(),
  slowReaders: slowReadersSchema.optional(),
});

type ChatOptions = z.output<typeof schema>;

const ROOM_SIZE = 10;
/** More than two would answer every message more than once, and be ever more. */
const ANSWERING_ROOM_SIZE = 2;

const answers = ({ messages }: ChatOptions) =>
  entryOf<ArrivalKind>(arrivals, messages.kind).loop === 'closed';

const roomSizeOf = (options: ChatOptions) =>
  options.roomSize ?? (answers(options) ? ANSWERING_ROOM_SIZE : ROOM_SIZE);

/** Two that answer each other begin again after a silence of this length: a message was lost. */
const SILENCE_NS = NS_PER_SECOND;

/** A bidirectional stream in a room, sending on a schedule of its own and timing what it hears. */
export const chat = defineCall({
  kind: 'chat',
  summary: 'A bidi stream in a chat room: sends on its own schedule, times every message it hears.',
  schema,
  longLived: true,
  contradiction,
  prepare: (options, context) => (ticket, slot) => openChat(options, context, ticket, slot),
});

function contradiction(options: ChatOptions): Contradiction | undefined {
  const { count, halfClose, slowReaders } = options;
  if (answers(options) && roomSizeOf(options) !== ANSWERING_ROOM_SIZE) {
    return { option: 'roomSize', message: 'closed messages are answered in pairs: roomSize is 2' };
  }
  if (answers(options) && slowReaders !== undefined) {
    const message = 'closed messages are answered as they are read: nobody reads slowly';
    return { option: 'slowReaders', message };
  }
  if (slowReaders !== undefined && slowReaders.perRoom >= roomSizeOf(options)) {
    return { option: 'slowReaders', message: 'perRoom is below roomSize: somebody reads' };
  }
  if (count !== undefined && halfClose !== undefined) {
    const message = 'after count messages the stream is ended: give count or halfClose, not both';
    return { option: 'halfClose', message };
  }
  return undefined;
}

function openChat(
  options: ChatOptions,
  context: CallContext,
  ticket: CallTicket,
  slot: number,
): OpenCall {
  const { load, worker, messages, now } = context;
  const { slowReaders, cancelAfter } = options;
  const roomSize = roomSizeOf(options);
  const isSlow = readsSlowly(slowReaders, slot, roomSize);
  const received = isSlow ? messages.receivedSlowly : messages.received;
  let heard = 0;
  let answer: (nowNs: number) => void = () => {};
  const hear: OnReply = (bytes, start, end) => {
    const dueNs = timestampOf(bytes, start, end);
    if (dueNs === undefined) return false;
    const nowNs = now();
    received(dueNs, nowNs);
    if (++heard === cancelAfter) ticket.withdraw();
    slow.heard();
    answer(nowNs);
    return true;
  };
  const ends = openChatEnds(options, context, ticket, (judged, metadata) => {
    const room = `${load}/${worker}/${Math.floor(slot / roomSize)}`;
    return context
      .channel()
      .stream(CHAT_METHOD, judged, context.deadlineNs, { room, ...metadata }, hear);
  });
  const { stream } = ends;
  const slow =
    isSlow && slowReaders ? readSlowly(slowReaders, context, ticket, () => stream) : READS_ON;
  const message = new StampedMessage(`${load}/${ticket.ordinal}`, contentOf(options.messageSize));
  const say = messageSender(stream, message, context, ticket);
  const send = (dueNs: number) => {
    const isSent = say(dueNs);
    ends.said();
    return isSent;
  };
  const isOver = () => ends.isSilent || ticket.ended;
  const kind = entryOf<ArrivalKind>(arrivals, options.messages.kind);
  const speaker = { ticket, send, isOver };
  if (kind.loop === 'open') speakOnSchedule(kind, options.messages.options, context, speaker);
  else answer = sendInAnswer(kind.inFlight(options.messages.options), context, send, isOver);
  return {
    finish() {
      // What waits for a slow reader is before the end that it is to hear of.
      slow.wake();
      ends.finish();
    },
  };
}

/**
 * Closed loop: so many messages of each stream are under way, and who hears one says the next.
 * @returns what to do when a message is heard.
 */
function sendInAnswer(
  inFlight: number,
  { now, at }: CallContext,
  send: (dueNs: number) => void,
  isOver: () => boolean,
): (nowNs: number) => void {
  let heardNs = Number.NEGATIVE_INFINITY;
  // The other may not be in the room yet, or not any more: what is said then nobody answers.
  const begin = (_dueNs: number, nowNs: number) => {
    if (isOver()) return;
    if (nowNs - heardNs >= SILENCE_NS) {
      for (let i = 0; i < inFlight && !isOver(); i++) send(nowNs);
    }
    at(nowNs + SILENCE_NS, begin);
  };
  at(now(), begin);
  return (nowNs) => {
    heardNs = nowNs;
    if (!isOver()) send(nowNs);
  };
}
