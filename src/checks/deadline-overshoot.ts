/**
 * Whether calls end when their deadline says: the share of calls that ended within `within` of it or
 * before (adherence), and how far the others went beyond.
 *
 *     overshoot = max(0, time from send to end − deadline)
 *
 * A call that was still open when the load was over and cut off by us did not end in time.
 */
import { z } from 'zod';
import { duration, share } from '../base/units.js';
import { shareInterval } from '../metrics/exact-interval.js';
import { countOf, formatCount, formatMs, formatShare, formatUs } from '../metrics/figures.js';
import { countAbove } from '../metrics/percentile-estimate.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { defineEvidenceCheck, phaseNamed } from './check.js';
import { describeInterval, verdictOfShare } from './interval-verdict.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'share';
const NS_PER_MS = 1e6;

const schema = z.strictObject({
  phase: z.string(),
  /** So much after the deadline is still called in time: timers and the event loop take it. */
  within: duration().prefault('50ms'),
  /** Of the calls that have a deadline. */
  atLeast: share(),
});

type Options = z.output<typeof schema>;

export const deadlineOvershoot = defineEvidenceCheck<Options>({
  kind: 'deadline-overshoot',
  summary: 'Calls end by their deadline, or soon after: the share that does.',
  schema: schema as z.ZodType<Options>,
  // A busy event loop of ours hears of the deadline late.
  restsOnTiming: true,
  phasesNamed: ({ phase }) => [phase],
  refusal: (_, { loads }) =>
    loads.some(({ hasDeadline, longLived }) => hasDeadline && !longLived)
      ? undefined
      : 'no load has calls with a deadline',
  judge({ phase: name, within, atLeast }, findings, evidence) {
    const expected = `>= ${formatShare(atLeast)}`;
    const phase = phaseNamed(findings, name);
    if (phase === undefined) return undecided(expected, UNIT, notReached(name));
    const where = nameWithTimes(phase);
    const { calls = 0, cutOff = 0 } = phase.deadline ?? {};
    const total = calls + cutOff;
    if (total === 0) {
      const why = `no call with a deadline ended in ${where}; load in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    const overshoot = evidence.durations({
      variant: findings.name,
      phase: name,
      metric: 'overshoot',
    });
    const late = countAbove(overshoot, within) + cutOff;
    const value = (total - late) / total;
    const interval = shareInterval(total - late, total);
    const open = cutOff === 0 ? '' : `, ${countOf(cutOff, 'call')} never ended`;
    return {
      verdict: verdictOfShare(value, interval, { atLeast }),
      value,
      interval,
      expected,
      unit: UNIT,
      why:
        `${formatCount(total - late)} of ${countOf(total, 'call')} with a deadline, due in ${where}, ` +
        `ended by it or within ${formatMs(within / NS_PER_MS)} after ` +
        `(${describeInterval(interval, formatShare)}); ${describeEnds(phase)}${open}`,
    };
  },
});

/**
 * How many ended past their deadline, whatever with, beside how many ended DEADLINE_EXCEEDED. Those may be
 * more: a timer of whole milliseconds, or a server's, can be over before the deadline is.
 */
function describeEnds({ deadline }: PhaseSummary): string {
  const { exceeded = 0, overshootUs } = deadline ?? {};
  if (overshootUs === undefined) {
    return exceeded === 0
      ? 'none ended after its deadline'
      : `none ended after its deadline, ${formatCount(exceeded)} DEADLINE_EXCEEDED at it or before`;
  }
  const { count, p50, max } = overshootUs;
  // Those past it may have ended otherwise, so that this is the least.
  const others = exceeded - count;
  const before =
    others > 0
      ? `, and at least ${formatCount(others)} of ${formatCount(exceeded)} DEADLINE_EXCEEDED at it or before`
      : '';
  return (
    `${formatCount(count)} ended after their deadline, half of them by ${formatUs(p50)} or less, ` +
    `the latest by ${formatUs(max)}${before}`
  );
}
