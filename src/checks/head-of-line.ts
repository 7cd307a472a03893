/**
 * Whether some calls suffer for others: a percentile of the latency of one load, phase or variant over that
 * of another. Where streams share a connection, or calls a line, those behind a slow one wait with it, and
 * the ratio of siblings' tails, disturbed over undisturbed, shows it.
 */
import { z } from 'zod';
import { formatRatio, formatUs } from '../metrics/figures.js';
import { describeBounds, hasOneOf, inOrder, OUT_OF_ORDER } from './bounds.js';
import { defineEvidenceCheck } from './check.js';
import type { DurationsWanted } from './evidence.js';
import { describeInterval, verdictOf } from './interval-verdict.js';
import type { JudgedPlan } from './judged-plan.js';
import { undecided } from './phase-answers.js';
import { tailRatio } from './tail-ratio.js';

const UNIT = 'ratio';

const side = z.strictObject({
  phase: z.string(),
  /** All loads when absent. */
  load: z.string().optional(),
  /** This one when absent. */
  variant: z.string().optional(),
});

const METRICS = ['latency', 'serviceTime', 'messageLatency'] as const;

const schema = z
  .strictObject({
    of: side,
    against: side,
    metric: z.enum(METRICS).default('latency'),
    percentile: z.number().gt(0).lt(100).default(99),
    atMost: z.number().gt(0).optional(),
    /** For a claim that they do suffer. */
    atLeast: z.number().gt(0).optional(),
  })
  .refine(hasOneOf('atMost', 'atLeast'), { message: 'atMost or atLeast is needed' })
  .refine(inOrder, OUT_OF_ORDER)
  .refine(({ of, against }) => JSON.stringify(of) !== JSON.stringify(against), {
    message: 'of and against are the same',
  })
  .refine(({ metric, of, against }) => metric !== 'messageLatency' || !(of.load ?? against.load), {
    message: 'messages are counted for all loads together; leave load out',
  });

type Options = z.output<typeof schema>;
type Side = z.output<typeof side>;

const namesIn = ({ of, against }: Options, key: 'variant' | 'load') =>
  [of[key], against[key]].filter((name) => name !== undefined);

export const headOfLine = defineEvidenceCheck<Options>({
  kind: 'head-of-line',
  summary: 'Tail latency of one load, phase or variant over that of another.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: true,
  phasesNamed: ({ of, against }) => [of.phase, against.phase],
  variantsNamed: (options) => namesIn(options, 'variant'),
  loadsNamed: (options) => namesIn(options, 'load'),
  refusal: (options, plan) => refusal(options, plan),
  judge(options, findings, evidence) {
    const { atMost, atLeast, metric, percentile } = options;
    const bounds = { atMost, atLeast };
    const expected = `p${percentile} ${describeBounds(bounds, formatRatio)}`;
    const wanted = ({ phase, load, variant = findings.name }: Side): DurationsWanted => ({
      variant,
      phase,
      metric,
      load,
    });
    const left = namesIn(options, 'variant').find((name) => evidence.variant(name) === undefined);
    if (left !== undefined) {
      return undecided(
        expected,
        UNIT,
        `${left} was not run; a run of both variants would decide it`,
      );
    }
    const found = tailRatio(evidence, percentile, wanted(options.of), wanted(options.against));
    if (found === undefined) {
      const why = `nothing ended in ${nameOf(options.of)} or ${nameOf(options.against)}; load in both would decide it`;
      return undecided(expected, UNIT, why);
    }
    const { of, against, ratio, interval } = found;
    const verdict = verdictOf(interval, bounds);
    const more = verdict === 'inconclusive' ? '; more calls would decide it' : '';
    return {
      verdict,
      value: ratio,
      interval,
      expected,
      unit: UNIT,
      why:
        `p${percentile} of ${WORDS[metric]} was ${formatUs(of.us)} in ${nameOf(options.of)} ` +
        `(of ${of.count}) and ${formatUs(against.us)} in ${nameOf(options.against)} ` +
        `(of ${against.count}), ${formatRatio(ratio)} times ` +
        `(${describeInterval(interval, formatRatio)})${more}`,
    };
  },
});

const WORDS = {
  latency: 'the latency',
  serviceTime: 'the service time',
  messageLatency: "the messages' latency",
} as const;

function refusal({ metric, of, against }: Options, { loads }: JudgedPlan): string | undefined {
  const isStream = (name: string | undefined) =>
    loads.some((load) => load.name === name && load.longLived);
  if (metric === 'messageLatency') {
    return loads.some(({ longLived }) => longLived) ? undefined : 'no load keeps streams open';
  }
  if (isStream(of.load) || isStream(against.load) || loads.every(({ longLived }) => longLived)) {
    return 'streams have no latency of their own; their messages have (metric: messageLatency)';
  }
  return undefined;
}

function nameOf({ phase, load, variant }: Side): string {
  const of = load === undefined ? '' : `${load} in `;
  return `${of}${phase}${variant === undefined ? '' : ` of ${variant}`}`;
}
