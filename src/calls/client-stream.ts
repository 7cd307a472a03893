import { z } from 'zod';
import { openArrivalSchema, openArrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import { positiveDuration, size } from '../base/units.js';
import { type CallContext, type Contradiction, defineCall, type OpenCall } from './call.js';
import { contentOf, StampedMessage } from './chat-codec.js';
import { openSayAll } from './said-all.js';
import { messageSender, speakOnSchedule } from './speech.js';
import type { CallTicket } from './ticket.js';

const schema = z.strictObject({
  /** Messages of each call. */
  count: z.int().min(1).max(1_000_000).default(10),
  /** When they are due, from the call's start; absent: all at once, as fast as the stream takes them. */
  messages: openArrivalSchema.optional(),
  messageSize: size().default(32),
  /** Half-closed after so long with what it has said by then; only where messages have their times. */
  lifetime: positiveDuration().optional(),
  /** Cancelled on purpose after so many messages that were sent. */
  cancelAfter: z.int().min(1).max(1_000_000).optional(),
});

type ClientStreamOptions = z.output<typeof schema>;
type Schedule = z.output<typeof openArrivalSchema>;

/**
 * Many messages in one call, and one reply that says how many arrived. Where it is another number than
 * was sent, the call failed (DATA_LOSS), whatever the server says.
 */
export const clientStream = defineCall({
  kind: 'client-stream',
  summary: 'A stream of messages with one reply, which must say how many they were.',
  schema,
  longLived: false,
  contradiction,
  prepare: (options, context) => {
    const { messages } = options;
    return messages === undefined
      ? (ticket) => sayAtOnce(options, context, ticket)
      : (ticket) => sayInTime(options, messages, context, ticket);
  },
});

function contradiction(options: ClientStreamOptions): Contradiction | undefined {
  const { count, messages, lifetime, cancelAfter = 0 } = options;
  if (lifetime !== undefined && messages === undefined) {
    const message = 'a stream that says all at once ends then: a lifetime needs messages';
    return { option: 'lifetime', message };
  }
  if (cancelAfter >= count) {
    return { option: 'cancelAfter', message: `the stream ends after ${count} messages` };
  }
  return undefined;
}

/** A room that nobody is in: what is measured is the call, not a broadcast. */
const roomOf = ({ load }: CallContext) => `${load}/client-stream`;

function sayAtOnce(
  { count, messageSize, cancelAfter }: ClientStreamOptions,
  context: CallContext,
  ticket: CallTicket,
): OpenCall {
  const { messages } = context;
  const { dueNs } = ticket;
  const due = cancelAfter ?? count;
  const call = openSayAll(context, ticket, roomOf(context), () => {
    // All were due with the call; those that the stream did not take before its end are missed.
    for (let missed = call.sent; missed < due; missed++) messages.due(dueNs, false);
  });
  const { stream } = call;
  const message = messageOf(messageSize, context, ticket).stamp(Math.round(dueNs));
  const write = () => {
    if (ticket.ended) return;
    // One beyond what is taken at once: so the stream has something to wait for.
    let isWritable: boolean;
    do {
      isWritable = stream.write(message);
      call.sent++;
      messages.due(dueNs, true);
    } while (call.sent < due && isWritable);
    messages.buffered(stream.bufferedBytes);
    if (call.sent === due) {
      if (cancelAfter === undefined) stream.finish();
      // Not while it is being started: its end would start the next, and so on for ever.
      else setImmediate(() => ticket.withdraw());
      return;
    }
    messages.stalled(ticket);
    stream.onceWritable(() => {
      messages.resumed(ticket);
      write();
    });
  };
  write();
  return NOTHING_TO_END;
}

const NOTHING_TO_END: OpenCall = { finish: () => {} };

function sayInTime(
  { count, messageSize, lifetime, cancelAfter }: ClientStreamOptions,
  messages: Schedule,
  context: CallContext,
  ticket: CallTicket,
): OpenCall {
  const call = openSayAll(context, ticket, roomOf(context));
  const { stream } = call;
  let due = 0;
  let isFinished = false;
  const finish = () => {
    isFinished = true;
    stream.finish();
  };
  const send = messageSender(stream, messageOf(messageSize, context, ticket), context, ticket);
  speakOnSchedule(entryOf(openArrivals, messages.kind), messages.options, context, {
    ticket,
    send(dueNs) {
      const isSent = send(dueNs);
      if (isSent) call.sent++;
      if (isSent && call.sent === cancelAfter) ticket.withdraw();
      if (++due === count) finish();
      return isSent;
    },
    isOver: () => isFinished || ticket.ended,
    onLast: finish,
  });
  if (lifetime !== undefined) context.at(ticket.sentNs + lifetime, finish);
  return { finish };
}

function messageOf(bytes: number, { load }: CallContext, { ordinal }: CallTicket): StampedMessage {
  return new StampedMessage(`${load}/${ordinal}`, contentOf(bytes));
}
