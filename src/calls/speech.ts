/**
 * Saying messages on a stream when they are due: comes in a schedule and a stream, goes out a message
 * for each due time. Every kind of call that speaks for a while speaks like this.
 *
 * Each message carries its due time in `timestamp`; a receiver, sharing the load clock, takes the
 * difference. A message that is due while the stream does not accept writes is missed, not queued:
 * an open loop does not pile up on our side what the transport refuses.
 */
import type { AnyOpenArrivalKind, NextDueNs } from '../arrivals/arrival.js';
import { createRng } from '../base/rng.js';
import type { CallContext } from './call.js';
import type { MessageStream } from './channel.js';
import type { StampedMessage } from './chat-codec.js';
import type { CallTicket } from './ticket.js';

/**
 * Sends the message due at a moment, or counts it as missed where the stream does not take it.
 * @returns whether it was sent.
 */
export type SendMessage = (dueNs: number) => boolean;

export function messageSender(
  stream: MessageStream,
  message: StampedMessage,
  { messages }: Pick<CallContext, 'messages'>,
  ticket: CallTicket,
): SendMessage {
  return (dueNs) => {
    const accepted = stream.writable;
    messages.due(dueNs, accepted);
    if (!accepted) return false;
    if (stream.write(message.stamp(Math.round(dueNs)))) return true;
    messages.buffered(stream.bufferedBytes);
    if (ticket.stalled) return true;
    messages.stalled(ticket);
    stream.onceWritable(() => messages.resumed(ticket));
    return true;
  };
}

export interface Speaker {
  readonly ticket: CallTicket;
  readonly send: SendMessage;
  /** Nothing more is to be said. */
  isOver(): boolean;
  /** Told that nothing more will be due. */
  onLast?(): void;
}

/** Says messages from now on until the speaker is over. */
export function speakOnSchedule(
  schedule: AnyOpenArrivalKind,
  options: unknown,
  { seed, load, at }: Pick<CallContext, 'seed' | 'load' | 'at'>,
  { ticket, send, isOver, onLast }: Speaker,
): void {
  const rng = createRng(seed, `messages/${load}/${ticket.ordinal}`);
  // Streams opened together must not all send together: each begins at a random point of a gap.
  const startNs = ticket.sentNs + rng() * firstGapNs(schedule.dueTimes(options, rng));
  const nextDueNs = schedule.dueTimes(options, rng);
  const sendNext = (dueNs: number) => {
    if (isOver()) return;
    send(dueNs);
    planNext();
  };
  const planNext = () => {
    const dueNs = startNs + nextDueNs();
    if (dueNs < Number.POSITIVE_INFINITY) at(dueNs, sendNext);
    else onLast?.();
  };
  planNext();
}

/** 0 when there is but one time. */
function firstGapNs(nextDueNs: NextDueNs): number {
  const firstNs = nextDueNs();
  const secondNs = nextDueNs();
  return secondNs < Number.POSITIVE_INFINITY ? secondNs - firstNs : 0;
}
