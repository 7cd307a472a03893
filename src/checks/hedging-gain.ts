/**
 * What hedging gains, and what it costs: by how much it lowers a percentile of the latency, against a
 * variant without it, per extra load.
 *
 *     gain  = 1 − percentile here ÷ percentile there
 *     extra = attempts per call here ÷ attempts per call there − 1
 *
 * The value is gain ÷ extra: a p99 that is halved by 5 % more load is 10. Both parts may have bounds of
 * their own. The interval is that of the gain, over the extra load, which is counted and not sampled.
 */
import { z } from 'zod';
import { share } from '../base/units.js';
import type { Interval } from '../metrics/exact-interval.js';
import { formatRatio, formatShare, formatUs } from '../metrics/figures.js';
import type { Verdict } from '../metrics/summary.js';
import { defineAgainstCheck } from './against.js';
import { hasOneOf } from './bounds.js';
import { describeInterval, verdictOf, worstOf } from './interval-verdict.js';
import { nameWithTimes, undecided } from './phase-answers.js';
import { tailRatio } from './tail-ratio.js';

const UNIT = 'gain/extra';

const schema = z
  .strictObject({
    phase: z.string(),
    /** The variant without hedging. */
    against: z.string(),
    percentile: z.number().gt(0).lt(100).default(99),
    gainAtLeast: share().optional(),
    /** For a claim that it gains nothing. */
    gainAtMost: share().optional(),
    extraAtMost: share().optional(),
    perExtraAtLeast: z.number().optional(),
  })
  .refine(hasOneOf('gainAtLeast', 'gainAtMost', 'extraAtMost', 'perExtraAtLeast'), {
    message: 'gainAtLeast, gainAtMost, extraAtMost or perExtraAtLeast is needed',
  });

type Options = z.output<typeof schema>;

export const hedgingGain = defineAgainstCheck<Options>({
  kind: 'hedging-gain',
  summary: 'How much tail latency hedging takes away for the load that it adds.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: true,
  unit: UNIT,
  expected: expectation,
  refusal: (_options, { variant, hedges }) =>
    hedges ? undefined : `${variant} has no hedgingPolicy`,
  compare({ options, expected, findings, evidence, own: phase, theirs: base }) {
    const { against, percentile } = options;
    const wanted = (variant: string) => ({
      variant,
      phase: phase.name,
      metric: 'latency' as const,
    });
    const tails = tailRatio(evidence, percentile, wanted(findings.name), wanted(against));
    const [here, there] = [phase.attempts.amplification, base.attempts.amplification];
    if (tails === undefined || here === undefined || there === undefined) {
      const why = `no call ended in ${nameWithTimes(phase)}; load in both variants would decide it`;
      return undecided(expected, UNIT, why);
    }
    const extra = here / there - 1;
    const gain = 1 - tails.ratio;
    const gained: Interval = {
      ...(tails.interval.high === undefined ? {} : { low: 1 - tails.interval.high }),
      ...(tails.interval.low === undefined ? {} : { high: 1 - tails.interval.low }),
      level: tails.interval.level,
    };
    const perExtra = extra > 0 ? over(gained, extra) : undefined;
    const verdict = worstOf(verdicts(options, gained, extra, perExtra));
    return {
      verdict,
      ...(perExtra === undefined ? {} : { value: gain / extra, interval: perExtra }),
      shown: shownAs(options, gain, extra),
      expected,
      unit: UNIT,
      why:
        `p${percentile} in ${nameWithTimes(phase)} was ${formatUs(tails.of.us)}, without hedging ` +
        `(${against}) ${formatUs(tails.against.us)}: ${formatShare(gain)} less ` +
        `(${describeInterval(gained, formatShare)}), for ${formatShare(extra)} more attempts` +
        `${verdict === 'inconclusive' ? '; more calls would decide it' : ''}`,
    };
  },
});

/** What has bounds, in their order: a gain beside a gain. */
function shownAs(options: Options, gain: number, extra: number): string {
  const { gainAtLeast, gainAtMost, extraAtMost, perExtraAtLeast } = options;
  const perExtra = extra > 0 ? formatRatio(gain / extra) : 'no extra';
  return [
    ...(gainAtLeast === undefined && gainAtMost === undefined ? [] : [`gain ${formatShare(gain)}`]),
    ...(extraAtMost === undefined ? [] : [`extra ${formatShare(extra)}`]),
    ...(perExtraAtLeast === undefined ? [] : [`gain/extra ${perExtra}`]),
  ].join(' and ');
}

function over({ low, high, level }: Interval, extra: number): Interval {
  return {
    ...(low === undefined ? {} : { low: low / extra }),
    ...(high === undefined ? {} : { high: high / extra }),
    level,
  };
}

function verdicts(
  { gainAtLeast, gainAtMost, extraAtMost, perExtraAtLeast }: Options,
  gained: Interval,
  extra: number,
  perExtra: Interval | undefined,
): Verdict[] {
  const withoutExtra: Verdict = 'inconclusive';
  return [
    verdictOf(gained, { atLeast: gainAtLeast, atMost: gainAtMost }),
    extraAtMost === undefined || extra <= extraAtMost ? 'pass' : 'fail',
    perExtraAtLeast === undefined
      ? 'pass'
      : perExtra === undefined
        ? withoutExtra
        : verdictOf(perExtra, { atLeast: perExtraAtLeast }),
  ];
}

function expectation({ gainAtLeast, gainAtMost, extraAtMost, perExtraAtLeast }: Options): string {
  return [
    ...(gainAtLeast === undefined ? [] : [`gain >= ${formatShare(gainAtLeast)}`]),
    ...(gainAtMost === undefined ? [] : [`gain <= ${formatShare(gainAtMost)}`]),
    ...(extraAtMost === undefined ? [] : [`extra <= ${formatShare(extraAtMost)}`]),
    ...(perExtraAtLeast === undefined ? [] : [`gain/extra >= ${formatRatio(perExtraAtLeast)}`]),
  ].join(' and ');
}
