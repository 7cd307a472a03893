/**
 * Slow readers: members of a room that read slowly, or not at all, while the others go on. Comes in a
 * stream that can pause its reading, goes out when it pauses and goes on.
 *
 *   rate 2/s:  tick ─► resume ─► a message ─► pause ·········· tick ─► resume ─► …
 *   no rate:   pause ······························································
 *
 * What they hear is counted apart from what all others do: its latency is of their own making.
 */
import { z } from 'zod';
import { NS_PER_SECOND } from '../base/clock.js';
import { duration, positiveDuration, rate } from '../base/units.js';
import type { CallContext } from './call.js';
import type { ReadingSide } from './channel.js';
import type { CallTicket } from './ticket.js';

export const slowReadersSchema = z.strictObject({
  /** How many of each room: those that come last into it. */
  perRoom: z.int().min(1).max(100_000),
  /** Messages that each reads; none at all when absent. */
  rate: rate().optional(),
  /** When it begins on the load clock, and how long it lasts; to the end when absent. */
  from: duration().default(0),
  for: positiveDuration().optional(),
});

export type SlowReaders = z.output<typeof slowReadersSchema>;

/** Whether the stream of a slot is one. @param roomSize streams of a room. */
export function readsSlowly(options: SlowReaders | undefined, slot: number, roomSize: number) {
  return options !== undefined && slot % roomSize >= roomSize - options.perRoom;
}

/** One slow reader. */
export interface SlowReader {
  /** To be told of each message that was heard, from within it. */
  heard(): void;
  /** Reads again as fast as it can, for good: the stream is about to end in order. */
  wake(): void;
}

/** Of all that reads as it should. */
export const READS_ON: SlowReader = { heard() {}, wake() {} };

/** Begins at its time. `reading` is asked for when it is needed, which is never at once. */
export function readSlowly(
  { rate: perSecond, from: fromNs, for: lengthNs = Number.POSITIVE_INFINITY }: SlowReaders,
  { now, at }: Pick<CallContext, 'now' | 'at'>,
  ticket: CallTicket,
  reading: () => ReadingSide,
): SlowReader {
  const toNs = fromNs + lengthNs;
  const gapNs = perSecond === undefined ? undefined : NS_PER_SECOND / perSecond;
  let isSlow = false;
  let isAwake = false;
  const wake = () => {
    isSlow = false;
    isAwake = true;
    reading().resumeReading();
  };
  const readOne = (dueNs: number) => {
    if (!isSlow || ticket.ended || gapNs === undefined) return;
    reading().resumeReading();
    at(dueNs + gapNs, readOne);
  };
  const begin = (dueNs: number) => {
    if (isAwake || ticket.ended) return;
    isSlow = true;
    reading().pauseReading();
    if (gapNs !== undefined) at(dueNs + gapNs, readOne);
    if (toNs < Number.POSITIVE_INFINITY) at(toNs, wake);
  };
  const nowNs = now();
  if (nowNs < toNs) at(Math.max(fromNs, nowNs), begin);
  return {
    heard() {
      if (isSlow) reading().pauseReading();
    },
    wake() {
      if (!isAwake && !ticket.ended) wake();
    },
  };
}
