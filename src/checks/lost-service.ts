/**
 * How much service was lost to a disturbance: the time that goodput was short of its baseline, weighed
 * by how short.
 *
 *     lost = Σ max(0, 1 − G/G₀) · length      over the intervals from the phase's beginning on
 *
 * A second without any good call is a second lost, and so are two seconds at half the goodput. It is
 * steadier than the time of recovery, which one late interval moves. G/G₀ is as in service-course.ts.
 *
 * Chance counts as loss too, since only what falls short is added: 0.4 standard deviations a normal
 * interval on average. The interval told reaches lower by that, and by two standard deviations of the
 * sum to both sides.
 */
import { z } from 'zod';
import { duration } from '../base/units.js';
import { LEVEL } from '../metrics/exact-interval.js';
import { formatMs, formatShare } from '../metrics/figures.js';
import { bounded, describeBounds } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import { describeInterval, verdictOf } from './interval-verdict.js';
import type { JudgedPlan } from './judged-plan.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';
import {
  type CoursePoint,
  courseBetween,
  normalOf,
  normalPhase,
  watchedUntilMs,
} from './service-course.js';

const UNIT = 'ms';
const NS_PER_MS = 1e6;
/** Mean of what lies above zero of a normal distribution around it, in standard deviations: 1/√2π. */
const MEAN_SHORTFALL = 1 / Math.sqrt(2 * Math.PI);

const schema = bounded(
  z.strictObject({
    /** The phase that disturbs; counted from its beginning on. */
    from: z.string(),
    /** The baseline; the last phase before `from` that is not discarded, when absent. */
    of: z.string().optional(),
    atMost: duration().optional(),
    /** For a claim that a fault does bite. */
    atLeast: duration().optional(),
  }),
);

type Options = z.output<typeof schema>;

export const lostService = defineCheck<Options>({
  kind: 'lost-service',
  summary: 'Goodput that a disturbance costs, as the time without any that it comes to.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: true,
  phasesNamed: ({ from, of }) => [from, ...(of === undefined ? [] : [of])],
  refusal: (_, plan) => needsOpenLoad(plan),
  judge({ from, of, atMost, atLeast }, findings) {
    const inMs = (ns: number | undefined) => (ns === undefined ? undefined : ns / NS_PER_MS);
    const bounds = { atMost: inMs(atMost), atLeast: inMs(atLeast) };
    const expected = describeBounds(bounds, formatMs);
    const phase = phaseNamed(findings, from);
    if (phase === undefined) return undecided(expected, UNIT, notReached(from));
    const base = normalPhase(findings, of, from);
    const normal = base && normalOf(base, findings);
    if (normal === undefined) {
      const why = `there is no goodput before ${from} to compare with; a baseline would decide it`;
      return undecided(expected, UNIT, why);
    }
    const untilMs = watchedUntilMs(findings, phase.toMs);
    const points = courseBetween(findings, normal, phase.fromMs, untilMs);
    if (points.length === 0) {
      const why = `no interval with load lies in ${nameWithTimes(phase)}; load would decide it`;
      return undecided(expected, UNIT, why);
    }
    const { value, interval } = lostIn(points);
    const worst = points.reduce((low, point) => (point.level < low.level ? point : low));
    return {
      verdict: verdictOf(interval, bounds),
      value,
      interval,
      expected,
      unit: UNIT,
      why:
        `from the beginning of ${from} at ${formatMs(phase.fromMs)} to ${formatMs(untilMs)} goodput ` +
        `was short of that of ${normal.phase.name} by as much as ${formatMs(value)} without any ` +
        `(${describeInterval(interval, formatMs)}); it was lowest at ${formatMs(worst.fromMs)}, ` +
        `with ${formatShare(Math.max(0, worst.level))} of it`,
    };
  },
});

function lostIn(points: readonly CoursePoint[]) {
  const sum = (of: (point: CoursePoint, lengthMs: number) => number) =>
    points.reduce((total, point) => total + of(point, point.toMs - point.fromMs), 0);
  const value = sum(({ level }, lengthMs) => Math.max(0, 1 - level) * lengthMs);
  const byChance = sum(({ noise }, lengthMs) => MEAN_SHORTFALL * noise * lengthMs);
  const sd = Math.sqrt(sum(({ noise }, lengthMs) => (noise * lengthMs) ** 2));
  const low = Math.max(0, value - byChance - 2 * sd);
  return { value, interval: { low, high: value + 2 * sd, level: LEVEL } };
}

/** In a closed loop a slow service is offered less, so nothing that is offered shows what it lost. */
export function needsOpenLoad({ loads }: JudgedPlan): string | undefined {
  const calls = loads.filter(({ longLived }) => !longLived);
  if (calls.some(({ isClosed }) => !isClosed)) return undefined;
  return calls.length === 0
    ? 'every load is a stream, and only calls have a goodput over time'
    : 'every load is a closed loop, which offers less when the service is slow';
}
