/**
 * How much extra load retries and hedges made: attempts ÷ calls started, over the calls due in a
 * phase. 1 is none; with n attempts allowed and everything failing, n. Of a `tier` behind others it is the
 * attempts that this tier received: n^L when each of L hops makes n.
 */
import { z } from 'zod';
import { countOf, formatRatio } from '../metrics/figures.js';
import type { AttemptCounts } from '../metrics/summary.js';
import { bounded, describeBounds, isWithin } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'attempts/call';

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** Attempts that this tier received; those that clients made when absent. */
    tier: z.string().optional(),
    /** Attempts per call, at most. */
    atMost: z.number().min(0).optional(),
    /** Attempts per call, at least: for a claim that retries do happen. */
    atLeast: z.number().min(0).optional(),
  }),
);

export const retryAmplification = defineCheck<z.output<typeof schema>>({
  kind: 'retry-amplification',
  summary: 'Attempts per call stay within bounds during a phase.',
  schema,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  tiersNamed: ({ tier }) => (tier === undefined ? [] : [tier]),
  refusal: ({ tier }, { tiers }) =>
    tier !== undefined && tiers.length === 1
      ? 'there is one tier, which clients call; leave tier out'
      : undefined,
  judge(options, findings) {
    const expected = describeBounds(options, formatRatio);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const { attempts, calls } = phase;
    const tier = phase.tiers?.find(({ name }) => name === options.tier);
    const value = options.tier === undefined ? attempts.amplification : tier?.amplification;
    const where = nameWithTimes(phase);
    if (value === undefined) {
      const why = `no call was started in ${where}; load in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    return {
      verdict: isWithin(value, options) ? 'pass' : 'fail',
      value,
      expected,
      unit: UNIT,
      why:
        `${countOf(calls.started, 'call')} started in ${where} made ` +
        (tier === undefined
          ? `${countOf(attempts.total, 'attempt')}, ${formatRatio(value)} per call${extras(attempts)}`
          : `${countOf(tier.attempts, 'attempt')} at ${tier.name}, ${formatRatio(value)} per call`),
    };
  },
});

/** What the attempts beyond the first ones were. */
function extras({ retries, transparent, hedges }: AttemptCounts): string {
  const parts = [
    ...(retries === 0 ? [] : [countOf(retries, 'retry', 'retries')]),
    ...(transparent === 0
      ? []
      : [countOf(transparent, 'transparent retry', 'transparent retries')]),
    ...(hedges === 0 ? [] : [countOf(hedges, 'hedge')]),
  ];
  return parts.length === 0 ? '; none was a retry or a hedge' : `: ${parts.join(', ')}`;
}
