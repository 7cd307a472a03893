/**
 * A figure of one variant over the same of another, in one phase: what a policy is worth, as a factor.
 *
 *     latency    a percentile of the latency ÷ the other's
 *     failures   (share of the calls offered that did not end well and in time) ÷ the other's
 *     connects   connections per second in the interval that had most ÷ the other's
 *
 * Latency has the interval of tail-ratio.ts. Failures x of n and y of m are counted, and given x + y, x is
 * binomial when both are Poisson (Przyborowski and Wilenski, Biometrika 31, 1940): with θ in the interval
 * of Clopper and Pearson for x of x + y, the ratio is θ/(1 − θ) · m/n. It is wider than need be where
 * many fail. Connections are all counted, so they have none.
 */
import { z } from 'zod';
import { type Interval, LEVEL, shareInterval } from '../metrics/exact-interval.js';
import {
  countOf,
  formatCount,
  formatMs,
  formatRate,
  formatRatio,
  formatUs,
} from '../metrics/figures.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { type BothSides, defineAgainstCheck } from './against.js';
import { type Bounds, bounded, describeBounds } from './bounds.js';
import type { Judgement } from './check.js';
import { describeInterval, verdictOf } from './interval-verdict.js';
import { undecided } from './phase-answers.js';
import { tailRatio } from './tail-ratio.js';

const UNIT = 'ratio';
const MEASURES = ['latency', 'failures', 'connects'] as const;

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** The other variant. */
    against: z.string(),
    measure: z.enum(MEASURES).default('latency'),
    percentile: z.number().gt(0).lt(100).default(99),
    atMost: z.number().gt(0).optional(),
    /** For a claim that it is worse. */
    atLeast: z.number().gt(0).optional(),
  }),
);

type Options = z.output<typeof schema>;

/** What a measure answers with: the ratio and a sentence of both figures, or what would give one. */
type Compared =
  | {
      readonly ratio?: number;
      /** In its place where the other variant has none of it. */
      readonly shown?: string;
      readonly interval: Interval;
      readonly told: string;
    }
  | { readonly missing: string };

export const versus = defineAgainstCheck<Options>({
  kind: 'versus',
  summary: 'A figure of this variant over that of another: tail latency, failures or connects.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: true,
  measured: ({ measure, percentile }) => (measure === 'latency' ? `p${percentile}` : measure),
  unit: UNIT,
  expected: (options) => `${describeBounds(options, formatRatio)} times ${options.against}`,
  refusal: ({ measure }, { loads }) =>
    measure === 'latency' && loads.every(({ longLived }) => longLived)
      ? 'streams have no latency of their own; head-of-line compares that of their messages'
      : undefined,
  compare(sides) {
    const { options, expected } = sides;
    const compared = COMPARE[options.measure](sides);
    return 'missing' in compared
      ? undecided(expected, UNIT, compared.missing)
      : judgement(compared, options, expected, options.measure);
  },
});

function judgement(
  { ratio, shown, interval, told }: Exclude<Compared, { missing: string }>,
  bounds: Bounds,
  expected: string,
  measure: Options['measure'],
): Judgement {
  const verdict = verdictOf(interval, bounds);
  const isSampled = measure !== 'connects';
  const how = isSampled ? ` (${describeInterval(interval, formatRatio)})` : '';
  const more = verdict === 'inconclusive' ? '; more calls would decide it' : '';
  return {
    verdict,
    ...(ratio === undefined ? {} : { value: ratio }),
    ...(shown === undefined ? {} : { shown }),
    ...(isSampled ? { interval } : {}),
    expected,
    unit: UNIT,
    why: `${told}${ratio === undefined ? '' : `: ${formatRatio(ratio)} times`}${how}${more}`,
  };
}

const COMPARE: Readonly<Record<Options['measure'], (sides: BothSides<Options>) => Compared>> = {
  latency({ options: { phase, percentile, against }, findings: { name }, evidence }) {
    const wanted = (variant: string) => ({ variant, phase, metric: 'latency' as const });
    const found = tailRatio(evidence, percentile, wanted(name), wanted(against));
    if (found === undefined) {
      return { missing: `no call ended in ${phase} of both; load there would decide it` };
    }
    const { of, against: under, ratio, interval } = found;
    const told =
      `p${percentile} of the latency in ${phase} was ${formatUs(of.us)} (of ${formatCount(of.count)}), ` +
      `and ${formatUs(under.us)} (of ${formatCount(under.count)}) with ${against}`;
    return { ratio, interval, told };
  },
  failures({ options: { phase, against }, own, theirs }) {
    const [x, n] = [own.calls.offered - own.calls.good, own.calls.offered];
    const [y, m] = [theirs.calls.offered - theirs.calls.good, theirs.calls.offered];
    if (n === 0 || m === 0) {
      return { missing: `no call was due in ${phase} of one of both; load would decide it` };
    }
    if (x + y === 0) {
      return {
        missing: `no call failed in ${phase} of either; a fault that bites would decide it`,
      };
    }
    const { low, high } = shareInterval(x, x + y, LEVEL);
    const odds = (share: number) => ((share / (1 - share)) * m) / n;
    const most = high < 1 ? { high: odds(high) } : {};
    const told =
      `${formatCount(x)} of ${countOf(n, 'call')} due in ${phase} did not end well and in time, and ` +
      `${formatCount(y)} of ${formatCount(m)} with ${against}`;
    return {
      // Of none there is no multiple, but it has a lower end.
      ...(y > 0
        ? { ratio: x / n / (y / m) }
        : { shown: `${formatCount(x)} to ${formatCount(y)} failed` }),
      interval: { low: odds(low), ...most, level: LEVEL },
      told,
    };
  },
  connects({ options: { phase, against }, own, theirs }) {
    const peak = own.server?.connectionsPerSecondMax;
    const other = theirs.server?.connectionsPerSecondMax;
    if (peak === undefined || other === undefined || other === 0) {
      return { missing: `no connection was made with ${against} in ${phase}, or no server told` };
    }
    const told =
      `connections were made at ${formatRate(peak)} in the interval of ${phase} that had most` +
      `${countedIn(own)}, and at ${formatRate(other)}${countedIn(theirs)} with ${against}`;
    const ratio = peak / other;
    return { ratio, interval: { low: ratio, high: ratio, level: 1 }, told };
  },
};

/** ` (22 within 50 ms)` */
function countedIn({ server }: PhaseSummary): string {
  const { connectionsPeak: peak } = server ?? {};
  return peak === undefined
    ? ''
    : ` (${formatCount(peak.connections)} within ${formatMs(peak.ms)})`;
}
