/**
 * Work that the servers did for nobody: service time on requests that no client waited for any more at
 * its end (deadline passed, cancelled, a hedge that lost), as a share of all service time.
 *
 * A server knows that of the call before its own. One behind others may serve to the end, and well, what
 * the client at the head of the chain has long given up: with deadlines of their own, nobody tells it. So of
 * one `tier` the answers that are OK are held against the calls that ended well and in time:
 *
 *     (wasted + (served − wasted) · max(0, 1 − good / OK)) / served
 *
 * which takes the answers that were of use for as long as those that were not. A call has one answer of use
 * at each tier, so the others of hedges and retries count as wasted, too.
 *
 * Whether a service was for nobody is known when it is over, so that is when all of it counts, in both terms:
 * what a phase wasted is a part of what it served, and the share is within 0 and 1.
 */
import { z } from 'zod';
import { share } from '../base/units.js';
import { countOf, formatCount, formatMs, formatShare } from '../metrics/figures.js';
import type { PhaseSummary, SeriesPoint } from '../metrics/summary.js';
import { type Bounds, bounded, describeBounds, isWithin } from './bounds.js';
import { defineCheck, type Judgement, phaseNamed, type VariantFindings } from './check.js';
import type { JudgedPlan } from './judged-plan.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'share';

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** All of them when absent, each by what it knows itself. */
    tier: z.string().optional(),
    atMost: share().optional(),
    /** For a claim that work is wasted. */
    atLeast: share().optional(),
  }),
);

type Options = z.output<typeof schema>;

export const wastedWork = defineCheck<Options>({
  kind: 'wasted-work',
  summary: 'The share of service time that servers spend on requests nobody waits for.',
  schema,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  tiersNamed: ({ tier }) => (tier === undefined ? [] : [tier]),
  refusal: (options, plan) => refusal(options, plan),
  judge(options, findings) {
    const expected = describeBounds(options, formatShare);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    if (options.tier !== undefined) return ofTier(options.tier, phase, findings, options, expected);
    const where = nameWithTimes(phase);
    const { servedMs = 0, wastedMs = 0 } = phase.server ?? {};
    if (servedMs === 0) {
      const why = `no server reported a service that ended in ${where}; load there would decide it`;
      return undecided(expected, UNIT, why);
    }
    const value = wastedMs / servedMs;
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
        `of ${formatMs(servedMs)} of service in ${where}, ${formatMs(wastedMs)} ` +
        `(${formatShare(value)}) were for requests that nobody waited for at the end${inLine}`,
    };
  },
});

function ofTier(
  name: string,
  phase: PhaseSummary,
  { series }: VariantFindings,
  bounds: Bounds,
  expected: string,
): Judgement {
  const where = nameWithTimes(phase);
  const tier = phase.tiers?.find((one) => one.name === name);
  const { servedServerMs: servedMs = 0, wastedServerMs: wastedMs = 0, byCode = {} } = tier ?? {};
  if (servedMs === 0) {
    const why = `${name} reported no service that ended in ${where}; load there would decide it`;
    return undecided(expected, UNIT, why);
  }
  const ok = byCode.OK ?? 0;
  const good = goodEndedIn(phase, series);
  const inVain = Math.max(0, ok - good);
  const value = (wastedMs + (ok === 0 ? 0 : ((servedMs - wastedMs) * inVain) / ok)) / servedMs;
  return {
    verdict: isWithin(value, bounds) ? 'pass' : 'fail',
    value,
    expected,
    unit: UNIT,
    why:
      `${name} gave up ${formatMs(wastedMs)} of its ${formatMs(servedMs)} of service in ${where}, and ` +
      `answered ${countOf(ok, 'request')} OK, of which ${formatCount(Math.min(ok, good))} were for ` +
      `calls that ended well and in time: ${formatShare(value)} of its service was for nobody`,
  };
}

/** By when they ended, as servers count: calls due in the phase may end in another. */
function goodEndedIn({ fromMs, toMs }: PhaseSummary, series: readonly SeriesPoint[]): number {
  return series
    .filter((point) => {
      const middleMs = (point.fromMs + point.toMs) / 2;
      return middleMs >= fromMs && middleMs < toMs;
    })
    .reduce((sum, { good, longLived }) => sum + good - (longLived?.good ?? 0), 0);
}

function refusal({ tier }: Options, { tiers, backends }: JudgedPlan): string | undefined {
  if (tier !== undefined && tiers.length === 1) {
    return 'there is one tier, which clients call; leave tier out';
  }
  const asked = backends.filter((one) => tier === undefined || one.tier === tier);
  if (asked.some(({ hasCapacity }) => hasCapacity)) return undefined;
  const whose = tier === undefined ? '' : ` of ${tier}`;
  return `no backend${whose} has a capacity, so service takes no time that could be wasted`;
}
