/**
 * How many calls ended well, whenever they did: calls completed OK, or cancelled by their load because
 * it is told to, ÷ calls offered, over the calls due in a phase. A call that was missed, or cut off
 * when the load was over, did not end well.
 *
 * The verdict is about these calls, by the value; the interval says what others like them might do.
 */
import { z } from 'zod';
import type { StatusCounts } from '../base/status.js';
import { share } from '../base/units.js';
import { shareInterval } from '../metrics/exact-interval.js';
import { countOf, formatCount, formatShare } from '../metrics/figures.js';
import type { CallCounts } from '../metrics/summary.js';
import { describeBounds, hasOneOf, inOrder, isWithin, OUT_OF_ORDER } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'share';
/** How many kinds of failure are named in the answer. */
const FAILURES_NAMED = 3;

const schema = z
  .strictObject({
    phase: z.string(),
    /** All loads when absent. */
    load: z.string().optional(),
    atLeast: share().optional(),
    /** For a claim that a fault does bite. */
    atMost: share().optional(),
  })
  .refine(hasOneOf('atLeast', 'atMost'), { message: 'atLeast or atMost is needed' })
  .refine(inOrder, OUT_OF_ORDER);

export const successRate = defineCheck<z.output<typeof schema>>({
  kind: 'success-rate',
  summary: 'The share of calls that end OK during a phase stays within bounds.',
  schema,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  loadsNamed: ({ load }) => (load === undefined ? [] : [load]),
  judge(options, findings) {
    const expected = describeBounds(options, formatShare);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    // Where there is one load, the phase is its.
    const { calls } = phase.loads.find(({ name }) => name === options.load) ?? phase;
    const of = options.load === undefined ? '' : ` of ${options.load}`;
    const where = nameWithTimes(phase);
    if (calls.offered === 0) {
      const why = `no call${of} was due in ${where}; load in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    const onPurpose = calls.cancelledOnPurpose ?? 0;
    const ok = calls.byCode.OK ?? 0;
    const value = (ok + onPurpose) / calls.offered;
    const also = onPurpose === 0 ? '' : `, ${formatCount(onPurpose)} were cancelled on purpose`;
    return {
      verdict: isWithin(value, options) ? 'pass' : 'fail',
      value,
      interval: shareInterval(ok + onPurpose, calls.offered),
      expected,
      unit: UNIT,
      why:
        `${formatCount(ok)} of ${countOf(calls.offered, 'call')}${of} due in ${where} ended OK` +
        `${also} (${formatShare(value)})${failures(calls)}`,
    };
  },
});

/** What became of the others, the most frequent first. */
function failures({ byCode, missed, abandoned, cancelledOnPurpose = 0 }: CallCounts): string {
  const parts = [
    ...Object.entries(byCode as Required<StatusCounts>)
      .filter(([name]) => name !== 'OK')
      .map(([name, count]) =>
        name === 'CANCELLED'
          ? ([name, count - cancelledOnPurpose] as const)
          : ([name, count] as const),
      ),
    ['missed', missed] as const,
    ['still open at the end', abandoned] as const,
  ]
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, FAILURES_NAMED)
    .map(([name, count]) => `${formatCount(count)} ${name}`);
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}
