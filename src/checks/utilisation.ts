/**
 * How busy some backends were: service time ÷ (slots × time), on average over them. It is the ρ of
 * queueing theory: waiting grows with ρ/(1 − ρ), so what is left of 1 is what a backend could still take
 * when another one goes.
 */
import { z } from 'zod';
import { share } from '../base/units.js';
import { formatShare } from '../metrics/figures.js';
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
    /** For a claim that they are busy. */
    atLeast: share().optional(),
  }),
);

type Options = z.output<typeof schema>;

export const utilisation = defineCheck<Options>({
  kind: 'utilisation',
  summary: 'The share of their slots that some backends have in service during a phase.',
  schema,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  backendsNamed: ({ backends }) => backends,
  refusal: (options, plan) => refusal(options, plan),
  judge(options, findings) {
    const expected = describeBounds(options, formatShare);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const where = nameWithTimes(phase);
    const found = phase.backends.flatMap(({ name, utilisation: busy }) =>
      options.backends.includes(name) && busy !== undefined ? [{ name, busy }] : [],
    );
    const [first] = found;
    if (first === undefined) {
      const why = `${listOf(options.backends)} told nothing of their service in ${where}; load would decide it`;
      return undecided(expected, UNIT, why);
    }
    const value = found.reduce((sum, { busy }) => sum + busy, 0) / found.length;
    const busiest = found.reduce((most, one) => (one.busy > most.busy ? one : most), first);
    const most =
      found.length < 2
        ? ''
        : ` on average, the busiest ${busiest.name} by ${formatShare(busiest.busy)}`;
    return {
      verdict: isWithin(value, options) ? 'pass' : 'fail',
      value,
      expected,
      unit: UNIT,
      why: `${listOf(options.backends)} were busy by ${formatShare(value)}${most}, in ${where}`,
    };
  },
});

function refusal({ backends: named }: Options, { backends }: JudgedPlan): string | undefined {
  const without = backends.find(({ name, hasCapacity }) => named.includes(name) && !hasCapacity);
  if (without === undefined) return undefined;
  return `${without.name} has no capacity that could be used up`;
}
