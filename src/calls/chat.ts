import { z } from 'zod';
import type { AnyOpenArrivalKind, NextDueNs } from '../arrivals/arrival.js';
import { openArrivalSchema, openArrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import { createRng } from '../base/rng.js';
import { positiveDuration, size } from '../base/units.js';
import { type CallContext, defineCall, type OpenCall } from './call.js';
import type { MessageStream } from './channel.js';
import { CHAT_METHOD, contentOf, decodeChatMessage, encodeChatMessage } from './chat-codec.js';
import type { CallTicket } from './ticket.js';

const schema = z.strictObject({
  /** When each stream sends its messages. */
  messages: openArrivalSchema,
  messageSize: size().default(32),
  /** Streams of one worker that share a room; each hears what the others in it say. */
  roomSize: z.int().min(1).max(100_000).default(10),
  /** Half-closed after so long; as long as the load when absent. */
  lifetime: positiveDuration().optional(),
});

type ChatOptions = z.output<typeof schema>;

/**
 * A bidirectional stream in a room, sending on a schedule of its own and timing what it hears.
 *
 * Each message carries its due time in `timestamp`; a receiver, sharing the load clock, takes the
 * difference. A message that is due while the stream does not accept writes is missed, not queued:
 * an open loop does not pile up on our side what the transport refuses.
 */
export const chat = defineCall({
  kind: 'chat',
  summary: 'A bidi stream in a chat room: sends on its own schedule, times every message it hears.',
  schema,
  longLived: true,
  prepare: (options, context) => (ticket, slot) => openChat(options, context, ticket, slot),
});

function openChat(
  options: ChatOptions,
  context: CallContext,
  ticket: CallTicket,
  slot: number,
): OpenCall {
  const { messages } = context;
  const room = `${context.load}/${context.worker}/${Math.floor(slot / options.roomSize)}`;
  const stream = context
    .channel()
    .stream(CHAT_METHOD, ticket, context.deadlineNs, { room }, (bytes) =>
      messages.received(decodeChatMessage(bytes).timestamp),
    );
  let finished = false;
  const finish = () => {
    finished = true;
    stream.finish();
  };
  sendOnSchedule(options, context, ticket, stream, () => finished || ticket.ended);
  if (options.lifetime !== undefined) context.at(ticket.sentNs + options.lifetime, finish);
  return { finish };
}

function firstGapNs(nextDueNs: NextDueNs): number {
  const firstNs = nextDueNs();
  return nextDueNs() - firstNs;
}

function sendOnSchedule(
  options: ChatOptions,
  { seed, load, messages, now, at }: CallContext,
  ticket: CallTicket,
  stream: MessageStream,
  over: () => boolean,
): void {
  const rng = createRng(seed, `messages/${load}/${ticket.ordinal}`);
  const schedule = entryOf<AnyOpenArrivalKind>(openArrivals, options.messages.kind);
  // Streams opened together must not all send together: each begins at a random point of a gap.
  const startNs =
    ticket.sentNs + rng() * firstGapNs(schedule.dueTimes(options.messages.options, rng));
  const nextDueNs = schedule.dueTimes(options.messages.options, rng);
  const content = contentOf(options.messageSize);
  const user = `${load}/${ticket.ordinal}`;
  let stalledSinceNs: number | undefined;

  const send = (dueNs: number) => {
    if (over()) return;
    const accepted = stream.writable;
    messages.due(dueNs, accepted);
    if (accepted) {
      stream.write(encodeChatMessage({ user, content, timestamp: Math.round(dueNs) }));
      messages.buffered(stream.bufferedBytes);
      if (!stream.writable && stalledSinceNs === undefined) {
        stalledSinceNs = now();
        stream.onceWritable(() => {
          messages.stalled(now() - (stalledSinceNs ?? now()));
          stalledSinceNs = undefined;
        });
      }
    }
    at(startNs + nextDueNs(), send);
  };
  at(startNs, send);
}
