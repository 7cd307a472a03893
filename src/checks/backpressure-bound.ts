/**
 * Whether what waits for a slow reader stays bounded: the most bytes that one stream had accepted and not
 * yet handed to the transport, and the most messages that a server kept for one reader.
 */
import { z } from 'zod';
import { size } from '../base/units.js';
import { countOf, formatBytes, formatCount, formatMs } from '../metrics/figures.js';
import { bounded, describeBounds, isWithin } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import { worstOf } from './interval-verdict.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'bytes';

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** Of one stream of the client. */
    atMost: size().optional(),
    /** For a claim that something does wait, and that the client says so. */
    atLeast: size().optional(),
    /** Kept by a server for one reader. */
    outboxAtMost: z.int().min(0).optional(),
  }),
);

type Options = z.output<typeof schema>;

export const backpressureBound = defineCheck<Options>({
  kind: 'backpressure-bound',
  summary: 'What waits for a slow reader stays within bounds.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  refusal: (_, { loads }) =>
    loads.some(({ longLived }) => longLived) ? undefined : 'no load keeps streams open',
  judge({ phase: name, outboxAtMost, ...bounds }, findings) {
    const messages = outboxAtMost === undefined ? '' : ` and <= ${formatCount(outboxAtMost)} kept`;
    const expected = `${describeBounds(bounds, formatBytes)}${messages}`;
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
      verdict: worstOf([isWithin(value, bounds) ? 'pass' : 'fail', keeps ? 'pass' : 'fail']),
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
