/**
 * Calls that were lost: that never got a status, that hung on beyond their deadline, or that a server
 * which went away by plan took with it.
 *
 *     never ended    still open when the load was over, and cut off by us
 *     hung           ended later than `grace` after their deadline
 *     taken along    ended with a status of a lost connection (`codes`), in a phase in which a server drained
 *                    or ended; a drain with enough grace loses none
 *
 * A call may be both of the last two; which ones are is not recorded, so the interval reaches from none of
 * the smaller number to all.
 */
import { z } from 'zod';
import { STATUS_NAMES, type StatusName } from '../base/status.js';
import { duration } from '../base/units.js';
import { countOf, formatCount, formatMs } from '../metrics/figures.js';
import { countAbove } from '../metrics/percentile-estimate.js';
import type { EventSummary, PhaseSummary } from '../metrics/summary.js';
import { bounded, describeBounds } from './bounds.js';
import { defineEvidenceCheck, phaseNamed } from './check.js';
import { verdictOf } from './interval-verdict.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'count';
const NS_PER_MS = 1e6;
/** What calls end with whose connection goes: gRPC's clients differ (docs/client-behaviour.md). */
const OF_LOST_CONNECTIONS: readonly StatusName[] = ['UNAVAILABLE', 'INTERNAL', 'CANCELLED'];

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** After its deadline a call hangs from then on. */
    grace: duration().prefault('1s'),
    /** Statuses that count as lost; of lost connections where a server goes by plan, when absent. */
    codes: z.array(z.enum(STATUS_NAMES)).optional(),
    atMost: z.int().min(0).optional(),
    /** For a claim that some are. */
    atLeast: z.int().min(0).optional(),
  }),
);

type Options = z.output<typeof schema>;

export const lostCalls = defineEvidenceCheck<Options>({
  kind: 'lost-calls',
  summary: 'Calls that never ended, hung beyond their deadline, or went with their server.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  judge(options, findings, evidence) {
    const { atMost, atLeast, grace } = options;
    const expected = describeBounds({ atMost, atLeast }, formatCount);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const where = nameWithTimes(phase);
    const { offered, abandoned, byCode, cancelledOnPurpose } = phase.calls;
    if (offered === 0) {
      const why = `no call was due in ${where}; load in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    const overshoot = evidence.durations({
      variant: findings.name,
      phase: phase.name,
      metric: 'overshoot',
    });
    const hung = countAbove(overshoot, grace);
    const goers = goersIn(phase, findings.events);
    const codes = options.codes ?? (goers.length === 0 ? [] : OF_LOST_CONNECTIONS);
    // Calls that our own client gave up on purpose are not lost.
    const ended = { ...byCode, CANCELLED: (byCode.CANCELLED ?? 0) - (cancelledOnPurpose ?? 0) };
    const taken = codes.reduce((sum, code) => sum + (ended[code] ?? 0), 0);
    const value = abandoned + hung + taken;
    const interval = { low: value - Math.min(hung, taken), high: value, level: 1 };
    const withCodes =
      codes.length === 0 ? '' : `, ${formatCount(taken)} ended ${codes.join(' or ')}`;
    const who = goers.length === 0 ? '' : ` (${goers.join(', ')})`;
    return {
      verdict: verdictOf(interval, { atMost, atLeast }),
      value,
      ...(interval.low === value ? {} : { interval }),
      expected,
      unit: UNIT,
      why:
        `of ${countOf(offered, 'call')} due in ${where} ${formatCount(abandoned)} never ended, ` +
        `${formatCount(hung)} ended more than ${formatMs(grace / NS_PER_MS)} after their deadline` +
        `${withCodes}${who}`,
    };
  },
});

/** Servers that went by plan during the phase: `b0 drained at 2 s`. */
function goersIn({ fromMs, toMs }: PhaseSummary, events: readonly EventSummary[]): string[] {
  const goes = events.filter(
    ({ kind, atMs }) =>
      (kind === 'process.draining' || kind === 'process.stopped') && atMs >= fromMs && atMs < toMs,
  );
  const drained = new Set(
    goes.filter(({ kind }) => kind === 'process.draining').map(({ subject }) => subject),
  );
  return goes
    .filter(({ kind, subject }) => kind === 'process.draining' || !drained.has(subject))
    .map(({ kind, subject = 'a server', atMs }) => {
      const went = kind === 'process.draining' ? 'drained' : 'ended';
      return `${subject} ${went} at ${formatMs(atMs)}`;
    });
}
