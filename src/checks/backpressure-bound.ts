/**
 * Whether what waits for a slow reader stays bounded: the most bytes that one stream had accepted and not
 * yet handed to the transport, and the most messages that a server kept for one reader.
 */
import { z } from 'zod';
import { size } from '../base/units.js';
import { countOf, formatBytes, formatCount, formatMs } from '../metrics/figures.js';
import { defineCheck, phaseNamed } from './check.js';
import { worstOf } from './interval-verdict.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'bytes';

const schema = z.strictObject({
  phase: z.string(),
  /** Of one stream of the client. */
  atMost: size(),
  /** Kept by a server for one reader. */
  outboxAtMost: z.int().min(0).optional(),
});

export const backpressureBound = defineCheck<z.output<typeof schema>>({
  kind: 'backpressure-bound',
  summary: 'What waits for a slow reader stays within bounds.',
  schema,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  refusal: (_, { loads }) =>
    loads.some(({ longLived }) => longLived) ? undefined : 'no load keeps streams open',
  judge({ phase: name, atMost, outboxAtMost }, findings) {
    const messages = outboxAtMost === undefined ? '' : ` and <= ${formatCount(outboxAtMost)} kept`;
    const expected = `<= ${formatBytes(atMost)}${messages}`;
    const phase = phaseNamed(findings, name);
    if (phase === undefined) return undecided(expected, UNIT, notReached(name));
    const where = nameWithTimes(phase);
    const { streams, chat } = phase;
    if (streams === undefined || streams.messagesOffered === 0) {
      const why = `no message was due in ${where}; streams in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    const value = streams.bufferedBytesMax;
    const kept = chat?.outboxMessagesMax ?? 0;
    const keeps = outboxAtMost === undefined || kept <= outboxAtMost;
    return {
      verdict: worstOf([value <= atMost ? 'pass' : 'fail', keeps ? 'pass' : 'fail']),
      value,
      expected,
      unit: UNIT,
      why:
        `at most ${countOf(value, 'byte')} waited in one stream in ${where}, writes stood still for ` +
        `${formatMs(streams.writeStallMs)} altogether, ` +
        `${formatCount(streams.messagesMissed)} of ${countOf(streams.messagesOffered, 'message')} ` +
        `were not sent; a server kept up to ${countOf(kept, 'message')} for one reader and dropped ` +
        `${formatCount(chat?.dropped ?? 0)}`,
    };
  },
});
