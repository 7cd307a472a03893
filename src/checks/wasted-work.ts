/**
 * Work that the servers did for nobody: service time on requests that no client waited for any more at
 * its end (deadline passed, cancelled, a hedge that lost), as a share of all service time.
 */
import { z } from 'zod';
import { share } from '../base/units.js';
import { countOf, formatMs, formatShare } from '../metrics/figures.js';
import { describeBounds, hasOneOf, inOrder, isWithin, OUT_OF_ORDER } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import type { JudgedPlan } from './judged-plan.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'share';

const schema = z
  .strictObject({
    phase: z.string(),
    atMost: share().optional(),
    /** For a claim that work is wasted. */
    atLeast: share().optional(),
  })
  .refine(hasOneOf('atMost', 'atLeast'), { message: 'atMost or atLeast is needed' })
  .refine(inOrder, OUT_OF_ORDER);

export const wastedWork = defineCheck<z.output<typeof schema>>({
  kind: 'wasted-work',
  summary: 'The share of service time that servers spend on requests nobody waits for.',
  schema,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  refusal: (_, plan) => refusal(plan),
  judge(options, findings) {
    const expected = describeBounds(options, formatShare);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const where = nameWithTimes(phase);
    const { busyMs = 0, wastedMs = 0 } = phase.server ?? {};
    if (busyMs === 0) {
      const why = `no server reported any service in ${where}; load in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    const value = wastedMs / busyMs;
    const expired = phase.deadline?.wastedRequests ?? 0;
    const inLine =
      expired === 0
        ? ''
        : `; the deadline of ${countOf(expired, 'request')} had passed before service began`;
    return {
      verdict: isWithin(value, options) ? 'pass' : 'fail',
      value,
      expected,
      unit: UNIT,
      why:
        `of ${formatMs(busyMs)} of service in ${where}, ${formatMs(wastedMs)} ` +
        `(${formatShare(value)}) were for requests that nobody waited for at the end${inLine}`,
    };
  },
});

function refusal({ backends }: JudgedPlan): string | undefined {
  if (backends.some(({ hasCapacity }) => hasCapacity)) return undefined;
  return 'no backend has a capacity, so service takes no time that could be wasted';
}
