/**
 * Which part of the attempts some backends took together: what a slow, a new or a far one was given by
 * the balancer. All attempts of calls due in the phase are counted, so there is no sampling in it.
 */
import { z } from 'zod';
import { share } from '../base/units.js';
import { countOf, formatCount, formatShare } from '../metrics/figures.js';
import { bounded, describeBounds, isWithin } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import type { JudgedPlan } from './judged-plan.js';
import { listOf, nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'share';

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    backends: z.array(z.string()).min(1),
    atMost: share().optional(),
    /** For a claim that they do get load. */
    atLeast: share().optional(),
  }),
);

export const backendShare = defineCheck<z.output<typeof schema>>({
  kind: 'backend-share',
  summary: 'The share of the attempts that some backends take during a phase.',
  schema,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  backendsNamed: ({ backends }) => backends,
  refusal: (_, plan) => refusal(plan),
  judge(options, findings) {
    const expected = describeBounds(options, formatShare);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const sum = (some: typeof phase.backends) =>
      some.reduce((total, { attempts }) => total + attempts, 0);
    const named = options.backends;
    const total = sum(phase.backends);
    const where = nameWithTimes(phase);
    if (total === 0) {
      const why = `no attempt was made in ${where}; load in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    const taken = sum(phase.backends.filter(({ name }) => named.includes(name)));
    const value = taken / total;
    const even = named.length / phase.backends.length;
    return {
      verdict: isWithin(value, options) ? 'pass' : 'fail',
      value,
      expected,
      unit: UNIT,
      why:
        `${listOf(named)} took ${formatCount(taken)} of ${countOf(total, 'attempt')} in ${where} ` +
        `(${formatShare(value)}); an even share is ${formatShare(even)}`,
    };
  },
});

function refusal({ choices }: JudgedPlan): string | undefined {
  return choices < 2 ? 'there is one backend, which takes everything' : undefined;
}
