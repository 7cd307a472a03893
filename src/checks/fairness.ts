/**
 * How evenly a balancer spread the attempts of a phase over all backends, idle ones included.
 *
 * Jain's index is (Σx)² / (n·Σx²): 1 when all n took the same, 1/n when one took everything. Max
 * over mean is the busiest backend's load in units of its fair share, from 1 to n.
 */
import { z } from 'zod';
import { countOf, formatCount, formatRatio, formatShare } from '../metrics/figures.js';
import type { BackendSummary, FairnessOverWindows, PhaseSummary } from '../metrics/summary.js';
import { describeBounds, hasOneOf, isWithin } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const schema = z
  .strictObject({
    phase: z.string(),
    jainAtLeast: z.number().min(0).max(1).optional(),
    /** For a claim that load is *not* spread: pick_first on n backends has 1/n. */
    jainAtMost: z.number().min(0).max(1).optional(),
    maxOverMeanAtMost: z.number().min(1).optional(),
    /** Each reporting interval of the phase on its own, and the least even one counts; absent: the phase. */
    over: z.literal('worst-window').optional(),
  })
  .refine(({ over, jainAtMost }) => over === undefined || jainAtMost === undefined, {
    message: 'jainAtMost is about a phase: of its windows the least even one counts',
    path: ['jainAtMost'],
  })
  .refine(hasOneOf('jainAtLeast', 'jainAtMost', 'maxOverMeanAtMost'), {
    message: 'jainAtLeast, jainAtMost or maxOverMeanAtMost is needed',
  });

type Options = z.output<typeof schema>;

const jainBounds = ({ jainAtLeast, jainAtMost }: Options) => ({
  atLeast: jainAtLeast,
  atMost: jainAtMost,
});

export const fairness = defineCheck<Options>({
  kind: 'fairness',
  summary: 'Attempts are spread evenly (or on purpose unevenly) over the backends during a phase.',
  schema,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  judge(options, findings) {
    const { jainAtLeast, jainAtMost, maxOverMeanAtMost } = options;
    const expected = expectation(options);
    // With both bounds the value is Jain's index; the sentence names both figures.
    const unit = (jainAtLeast ?? jainAtMost) === undefined ? 'max/mean' : 'jain';
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, unit, notReached(options.phase));
    const where = nameWithTimes(phase);
    if (phase.fairness === undefined) {
      const why =
        phase.backends.length < 2
          ? `there is one backend, so nothing to spread in ${where}; two backends would decide it`
          : `no attempt was made in ${where}; load in that phase would decide it`;
      return undecided(expected, unit, why);
    }
    const judged = options.over === undefined ? phase.fairness : worstOf(phase.fairness.windows);
    if (judged === undefined) {
      const why =
        `no interval of ${where} has ten attempts for each backend or more, so its evenness would be ` +
        'chance; more load or a longer interval would decide it';
      return undecided(expected, unit, why);
    }
    const { jain, maxOverMean } = judged;
    const isAsExpected =
      isWithin(jain, jainBounds(options)) && isWithin(maxOverMean, { atMost: maxOverMeanAtMost });
    return {
      verdict: isAsExpected ? 'pass' : 'fail',
      value: unit === 'jain' ? jain : maxOverMean,
      expected,
      unit,
      why:
        `${spread(phase.backends)} in ${where}: ` +
        `Jain's index ${formatRatio(jain)}, ` +
        `the busiest at ${formatRatio(maxOverMean)} times the mean${inWindows(options, phase)}`,
    };
  },
});

function worstOf(windows: FairnessOverWindows | undefined) {
  return windows && { jain: windows.jainMin, maxOverMean: windows.maxOverMeanMax };
}

function inWindows({ over }: Options, { fairness: found }: PhaseSummary): string {
  const { windows } = found ?? {};
  if (windows === undefined) return '';
  const { count, jainMin, jainMedian } = windows;
  if (over !== undefined) return `, each in the least even of ${countOf(count, 'interval')}`;
  return (
    `; over ${countOf(count, 'interval')} the index was ${formatRatio(jainMedian)} in the median ` +
    `and ${formatRatio(jainMin)} at the least`
  );
}

function expectation(options: Options): string {
  const jain = describeBounds(jainBounds(options), formatRatio);
  const maxOverMean = describeBounds({ atMost: options.maxOverMeanAtMost }, formatRatio);
  return [
    ...(jain === '' ? [] : [`jain ${jain}`]),
    ...(maxOverMean === '' ? [] : [`max/mean ${maxOverMean}`]),
  ].join(' and ');
}

/** `b1 took 3,812 of 4,000 attempts (95.3 %) and b0 the fewest, 90 (2.3 %)`. */
function spread(backends: readonly BackendSummary[]): string {
  // Not the phase's: behind a proxy servers count, by the moment and not by the due time.
  const total = backends.reduce((sum, { attempts }) => sum + attempts, 0);
  const sorted = [...backends].sort((a, b) => b.attempts - a.attempts);
  const [most] = sorted;
  const least = sorted.at(-1);
  if (most === undefined || least === undefined) return countOf(total, 'attempt');
  const of = (backend: BackendSummary) => formatShare(backend.attempts / total);
  return (
    `${most.name} took ${formatCount(most.attempts)} of ${countOf(total, 'attempt')} ` +
    `(${of(most)}) and ${least.name} the fewest, ${formatCount(least.attempts)} (${of(least)}),`
  );
}
