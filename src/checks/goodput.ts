/**
 * How much of the load came to something: calls due in a phase that ended OK and within their
 * deadline, per second of the phase or as a share of the calls that were due.
 *
 * The verdict is about these calls, by the value; the interval says what others like them might do.
 */
import { z } from 'zod';
import { rate, share } from '../base/units.js';
import { shareInterval } from '../metrics/exact-interval.js';
import { countOf, formatCount, formatRate, formatShare } from '../metrics/figures.js';
import { defineCheck, phaseNamed } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

/** A floor, as a rate or as a share of what was offered. */
type Floor = { readonly perSecond: number } | { readonly share: number };

/** `300/s` or `95%`. */
const floor = z
  .any()
  .superRefine((value: unknown, context) => {
    const text = String(value);
    if (rate().safeParse(text).success || share().safeParse(text).success) return;
    context.addIssue({
      code: 'custom',
      message: `expected a rate or a share of the calls offered, got ${JSON.stringify(value)}`,
      params: { hint: 'for example 300/s or 95%' },
    });
  })
  .transform((value: unknown): Floor => {
    const perSecond = rate().safeParse(String(value));
    return perSecond.success ? { perSecond: perSecond.data } : { share: share().parse(value) };
  });

const schema = z.strictObject({ phase: z.string(), atLeast: floor });

export const goodput = defineCheck<z.output<typeof schema>>({
  kind: 'goodput',
  summary: 'Enough calls end OK and within their deadline during a phase.',
  schema,
  // A generator that sends late makes calls miss their deadlines, which are counted from due times.
  restsOnTiming: true,
  phasesNamed: ({ phase }) => [phase],
  judge(options, findings) {
    const asShare = 'share' in options.atLeast;
    const least = 'share' in options.atLeast ? options.atLeast.share : options.atLeast.perSecond;
    const unit = asShare ? 'share' : '/s';
    const expected = `>= ${asShare ? formatShare(least) : formatRate(least)}`;
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, unit, notReached(options.phase));
    const where = nameWithTimes(phase);
    const { good, offered } = phase.calls;
    if (offered === 0) {
      const why = `no call was due in ${where}; load in that phase would decide it`;
      return undecided(expected, unit, why);
    }
    const { goodputPerSecond, offeredPerSecond } = phase.rates;
    const value = asShare ? good / offered : goodputPerSecond;
    const share = shareInterval(good, offered);
    const perShare = asShare ? 1 : offeredPerSecond;
    return {
      verdict: value >= least ? 'pass' : 'fail',
      value,
      interval: { ...share, low: share.low * perShare, high: share.high * perShare },
      expected,
      unit,
      why:
        `${formatCount(good)} of ${countOf(offered, 'call')} due in ${where} ended OK and in ` +
        `time: ${formatRate(goodputPerSecond)}, ${formatShare(good / offered)} of what was offered`,
    };
  },
});
