import { z } from 'zod';
import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivalSchema, arrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import { NS_PER_SECOND } from '../base/clock.js';
import { positiveDuration, size } from '../base/units.js';
import { type CallContext, defineCall, type OpenCall } from './call.js';
import type { OnReply } from './channel.js';
import { CHAT_METHOD, contentOf, StampedMessage, timestampOf } from './chat-codec.js';
import { messageSender, speakOnSchedule } from './speech.js';
import type { CallTicket } from './ticket.js';

const schema = z.strictObject({
  /** When each stream sends its messages; closed: two streams answer each other. */
  messages: arrivalSchema,
  messageSize: size().default(32),
  /** Streams of one worker that share a room; each hears what the others in it say. 10, or 2 that answer. */
  roomSize: z.int().min(1).max(100_000).optional(),
  /** Half-closed after so long; as long as the load when absent. */
  lifetime: positiveDuration().optional(),
});

type ChatOptions = z.output<typeof schema>;

const ROOM_SIZE = 10;
/** More than two would answer every message more than once, and be ever more. */
const ANSWERING_ROOM_SIZE = 2;

const answers = ({ messages }: ChatOptions) =>
  entryOf<ArrivalKind>(arrivals, messages.kind).loop === 'closed';

/** Two that answer each other begin again after a silence of this length: a message was lost. */
const SILENCE_NS = NS_PER_SECOND;

/** A bidirectional stream in a room, sending on a schedule of its own and timing what it hears. */
export const chat = defineCall({
  kind: 'chat',
  summary: 'A bidi stream in a chat room: sends on its own schedule, times every message it hears.',
  schema,
  longLived: true,
  contradiction: (options) =>
    answers(options) && (options.roomSize ?? ANSWERING_ROOM_SIZE) !== ANSWERING_ROOM_SIZE
      ? { option: 'roomSize', message: 'closed messages are answered in pairs: roomSize is 2' }
      : undefined,
  prepare: (options, context) => (ticket, slot) => openChat(options, context, ticket, slot),
});

function openChat(
  options: ChatOptions,
  context: CallContext,
  ticket: CallTicket,
  slot: number,
): OpenCall {
  const { load, worker, messages, now } = context;
  const roomSize = options.roomSize ?? (answers(options) ? ANSWERING_ROOM_SIZE : ROOM_SIZE);
  const room = `${load}/${worker}/${Math.floor(slot / roomSize)}`;
  let answer: (nowNs: number) => void = () => {};
  const hear: OnReply = (bytes, start, end) => {
    const dueNs = timestampOf(bytes, start, end);
    if (dueNs === undefined) return false;
    const nowNs = now();
    messages.received(dueNs, nowNs);
    answer(nowNs);
    return true;
  };
  const stream = context.channel().stream(CHAT_METHOD, ticket, context.deadlineNs, { room }, hear);
  let isFinished = false;
  const finish = () => {
    isFinished = true;
    stream.finish();
  };
  const isOver = () => isFinished || ticket.ended;
  const message = new StampedMessage(`${load}/${ticket.ordinal}`, contentOf(options.messageSize));
  const send = messageSender(stream, message, context);
  const kind = entryOf<ArrivalKind>(arrivals, options.messages.kind);
  const speaker = { ticket, send, isOver };
  if (kind.loop === 'open') speakOnSchedule(kind, options.messages.options, context, speaker);
  else answer = sendInAnswer(kind.inFlight(options.messages.options), context, send, isOver);
  if (options.lifetime !== undefined) context.at(ticket.sentNs + options.lifetime, finish);
  return { finish };
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
    if (nowNs - heardNs >= SILENCE_NS) for (let i = 0; i < inFlight; i++) send(nowNs);
    at(nowNs + SILENCE_NS, begin);
  };
  at(now(), begin);
  return (nowNs) => {
    heardNs = nowNs;
    if (!isOver()) send(nowNs);
  };
}
