/**
 * Which statuses calls may end with, and how many of them. A status that is not in the table must not occur
 * at all; one that is may have bounds on its share of the calls that ended.
 *
 * The value is the number of calls that ended with a status outside of the table. Shares have exact
 * intervals (Clopper and Pearson): a bound that lies within one is not decided.
 */
import { z } from 'zod';
import { STATUS_NAMES, type StatusName } from '../base/status.js';
import { share } from '../base/units.js';
import { shareInterval } from '../metrics/exact-interval.js';
import { countOf, formatCount, formatShare } from '../metrics/figures.js';
import type { Verdict } from '../metrics/summary.js';
import { type Bounds, describeBounds, inOrder, OUT_OF_ORDER } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import { describeInterval, verdictOfShare, worstOf } from './interval-verdict.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'count';

const bounds = z
  .strictObject({ atLeast: share().optional(), atMost: share().optional() })
  .refine(inOrder, OUT_OF_ORDER);

const schema = z.strictObject({
  phase: z.string(),
  /** `{ OK: { atLeast: 90% }, UNAVAILABLE: {} }` */
  may: z
    .partialRecord(z.enum(STATUS_NAMES), bounds)
    .refine((table) => Object.keys(table).length > 0, { message: 'a status is needed' }),
});

type Options = z.output<typeof schema>;

export const statusTable = defineCheck<Options>({
  kind: 'status-table',
  summary: 'The statuses that calls may end with, and their shares.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  judge({ phase: name, may }, findings) {
    const allowed = Object.entries(may) as [StatusName, Bounds][];
    const expected = allowed
      .map(([status, range]) => `${status} ${describeBounds(range, formatShare)}`.trim())
      .join(', ');
    const phase = phaseNamed(findings, name);
    if (phase === undefined) return undecided(expected, UNIT, notReached(name));
    const where = nameWithTimes(phase);
    const { completed, byCode } = phase.calls;
    if (completed === 0) {
      const why = `no call ended in ${where}; load in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    const others = (Object.entries(byCode) as [StatusName, number][]).filter(
      ([status, count]) => count > 0 && may[status] === undefined,
    );
    const value = others.reduce((sum, [, count]) => sum + count, 0);
    const rows = allowed.map(([status, range]) =>
      rowOf(status, byCode[status] ?? 0, completed, range),
    );
    const verdict = worstOf([value === 0 ? 'pass' : 'fail', ...rows.map((row) => row.verdict)]);
    const strangers = others.map(([status, count]) => `${formatCount(count)} ${status}`).join(', ');
    return {
      verdict,
      value,
      // A bare 0 beside a list of statuses says nothing.
      shown: countOf(value, 'other'),
      expected,
      unit: UNIT,
      why:
        `of ${countOf(completed, 'call')} due in ${where} that ended, ` +
        `${value === 0 ? 'none had another status' : `${strangers} should not be`}: ` +
        `${rows.map(({ told }) => told).join(', ')}` +
        `${verdict === 'inconclusive' ? '; more calls would decide it' : ''}`,
    };
  },
});

function rowOf(
  status: StatusName,
  count: number,
  completed: number,
  range: Bounds,
): { readonly verdict: Verdict; readonly told: string } {
  const value = count / completed;
  const interval = shareInterval(count, completed);
  const verdict = verdictOfShare(value, interval, range);
  const sure =
    describeBounds(range, formatShare) === '' ? '' : describeInterval(interval, formatShare);
  const mark =
    verdict === 'pass' ? '' : `, ${verdict === 'fail' ? 'not as expected' : 'undecided'}`;
  const detail = sure === '' ? mark : `, ${sure}${mark}`;
  return { verdict, told: `${status} ${formatCount(count)} (${formatShare(value)}${detail})` };
}
