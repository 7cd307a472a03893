/**
 * What a server keeps for readers that do not read: the most bytes that waited for one of them, in its outbox.
 * Beyond what flow control stops, memory is the server's own choice, and so is what becomes of who pays for it.
 */
import { z } from 'zod';
import { size } from '../base/units.js';
import { countOf, formatBytes, formatMs, timesOf } from '../metrics/figures.js';
import type { ServerChatSummary } from '../metrics/summary.js';
import { bounded, describeBounds, isWithin } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'bytes';

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** Kept for one reader. */
    atMost: size().optional(),
    /** For a claim that it does grow. */
    atLeast: size().optional(),
  }),
);

type Options = z.output<typeof schema>;

export const outboxBound = defineCheck<Options>({
  kind: 'outbox-bound',
  summary: 'What a server keeps for one reader that does not read, in bytes.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  refusal: (_, { loads }) =>
    loads.some(({ longLived }) => longLived) ? undefined : 'no load keeps streams open',
  judge(options, findings) {
    const expected = describeBounds(options, formatBytes);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const { chat } = phase;
    if (chat === undefined) {
      const why =
        `servers counted no message in ${nameWithTimes(phase)}; streams of ours in that phase ` +
        'would decide it';
      return undecided(expected, UNIT, why);
    }
    const value = chat.outboxBytesMax ?? 0;
    return {
      verdict: isWithin(value, options) ? 'pass' : 'fail',
      value,
      expected,
      unit: UNIT,
      why:
        `in ${nameWithTimes(phase)} a server kept up to ${countOf(chat.outboxMessagesMax, 'message')} ` +
        `for one reader and ${formatBytes(chat.heldBytesMax ?? 0)} for all together; ` +
        whatBecame(chat),
    };
  },
});

/** Of the messages, the readers and the senders, whoever had to give way. */
function whatBecame(chat: ServerChatSummary): string {
  const { dropped, readersDisconnected, sendersStopped = 0, sendersStoppedMs = 0 } = chat;
  const parts = [
    ...(dropped === 0 ? [] : [`${countOf(dropped, 'message')} were dropped`]),
    ...(readersDisconnected === 0
      ? []
      : [`${countOf(readersDisconnected, 'reader')} were sent away`]),
    ...(sendersStopped + sendersStoppedMs === 0
      ? []
      : [`senders waited ${timesOf(sendersStopped)}, ${formatMs(sendersStoppedMs)}`]),
  ];
  return parts.length === 0 ? 'nobody had to give way' : parts.join(', ');
}
