/**
 * Attempts on backends that were not to be called: they told that they were not serving, or were gone.
 * A client is given a `grace` to hear of it.
 *
 * Of health, each server counts: an attempt that arrives while it says NOT_SERVING is counted with the
 * time since it began to say so, so the count beyond the grace is exact, for whatever client. Of
 * backends that are gone (killed, frozen, no longer named) the client's attempts per interval tell: those
 * of intervals that lie whole in the stretch are certain, those of intervals at its ends are possible. The
 * interval told is from the first to both together.
 */
import { z } from 'zod';
import { duration } from '../base/units.js';
import { countOf, formatCount, formatMs } from '../metrics/figures.js';
import { countAbove } from '../metrics/percentile-estimate.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { goneStretches, type Stretch, unhealthyStretches } from './absence.js';
import { bounded, describeBounds } from './bounds.js';
import { defineEvidenceCheck, phaseNamed, type VariantFindings } from './check.js';
import type { Evidence } from './evidence.js';
import { verdictOf } from './interval-verdict.js';
import type { JudgedPlan } from './judged-plan.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'attempts';
const NS_PER_MS = 1e6;

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** After a backend told, or was gone, for how long attempts are forgiven. */
    grace: duration().prefault('100ms'),
    /** Whose health counts: "" is the whole server. */
    service: z.string().default(''),
    atMost: z.int().min(0).optional(),
    /** For a claim that a client does not look. */
    atLeast: z.int().min(0).optional(),
  }),
);

type Options = z.output<typeof schema>;

export const misroutes = defineEvidenceCheck<Options>({
  kind: 'misroutes',
  summary: 'Attempts on backends that told they were not serving, or were gone.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  refusal: ({ service }, plan) => refusal(service, plan),
  judge(options, findings, evidence) {
    const { atMost, atLeast, service, grace } = options;
    const bounds = { atMost, atLeast };
    const expected = describeBounds(bounds, formatCount);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const graceMs = grace / NS_PER_MS;
    const clipped = (stretches: readonly Stretch[]) => clip(stretches, phase, graceMs);
    const unhealthy = clipped(unhealthyStretches(findings, service));
    const gone = clipped(goneStretches(findings));
    const where = nameWithTimes(phase);
    const [first] = [...unhealthy, ...gone].sort((a, b) => a.fromMs - b.fromMs);
    if (first === undefined) {
      const why =
        `no backend was unhealthy or gone in ${where} for longer than ${formatMs(graceMs)}; ` +
        'a fault that takes longer would decide it';
      return undecided(expected, UNIT, why);
    }
    const arrived = unhealthyArrivals(evidence, findings, options);
    const { certain, possible } = attemptsWhileGone(findings, gone);
    const sum = (counts: ReadonlyMap<string, number>) =>
      [...counts.values()].reduce((total, count) => total + count, 0);
    const value = sum(arrived) + sum(certain);
    const named = [...unhealthy, ...gone].map(({ backend }) => backend);
    const whom = soleOf([...named, ...arrived.keys()]);
    const interval = { low: value, high: value + sum(possible), level: 1 };
    return {
      verdict: verdictOf(interval, bounds),
      value,
      ...(interval.high === value ? {} : { interval }),
      expected,
      unit: UNIT,
      why:
        `${tell(value, interval.high, merged(arrived, certain), whom)} in ${where} more than ` +
        `${formatMs(graceMs)} after ${whom === undefined ? 'they were' : 'it was'} not to be called; ` +
        `${whom === undefined ? `${first.backend} was the first, from` : 'that was so from'} ` +
        `${formatMs(Math.max(0, first.fromMs - graceMs))} on, because ${first.why}`,
    };
  },
});

function refusal(service: string, { faults, backends }: JudgedPlan): string | undefined {
  if (service.includes('/')) return "a method's own health is not counted; name its service";
  const families = ['health', 'proc', 'disc'];
  const hasFault = faults.some(({ kind }) => families.some((one) => kind.startsWith(`${one}-`)));
  if (hasFault || backends.some(({ hasHealthChecks }) => hasHealthChecks)) return undefined;
  return (
    'no backend can be unhealthy or gone: there is no fault of health, process or name ' +
    'resolution, and no health check'
  );
}

/** The parts that lie in a phase, from the grace on. */
function clip(stretches: readonly Stretch[], phase: PhaseSummary, graceMs: number): Stretch[] {
  return stretches
    .map((one) => ({
      ...one,
      fromMs: Math.max(one.fromMs + graceMs, phase.fromMs),
      toMs: Math.min(one.toMs, phase.toMs),
    }))
    .filter(({ fromMs, toMs }) => toMs > fromMs);
}

function unhealthyArrivals(
  evidence: Evidence,
  { name: variant }: VariantFindings,
  { phase, service, grace }: Options,
): Map<string, number> {
  const arrivals = evidence.unhealthyArrivals({ variant, phase, service });
  return new Map(arrivals.map(({ backend, sinceTold }) => [backend, countAbove(sinceTold, grace)]));
}

/** By backend: attempts of intervals within the stretches, and of those that reach beyond them. */
function attemptsWhileGone({ backendSeries = [] }: VariantFindings, gone: readonly Stretch[]) {
  const certain = new Map<string, number>();
  const possible = new Map<string, number>();
  for (const { fromMs, toMs, attempts } of backendSeries) {
    for (const [backend, count] of Object.entries(attempts)) {
      const own = gone.filter((one) => one.backend === backend);
      const isWithin = own.some((one) => one.fromMs <= fromMs && one.toMs >= toMs);
      const isTouched = own.some((one) => one.fromMs < toMs && one.toMs > fromMs);
      const into = isWithin ? certain : possible;
      if (isTouched) into.set(backend, (into.get(backend) ?? 0) + count);
    }
  }
  return { certain, possible };
}

function merged(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) {
  const sum = new Map(a);
  for (const [name, count] of b) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
}

/** Undefined where there are several. */
function soleOf(backends: readonly string[]): string | undefined {
  return new Set(backends).size === 1 ? backends[0] : undefined;
}

/** @param whom the only backend that was not to be called. */
function tell(
  value: number,
  most: number,
  byBackend: ReadonlyMap<string, number>,
  whom = 'any backend',
): string {
  const backends = [...byBackend].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const named = backends.map(([name, count]) => `${formatCount(count)} to ${name}`).join(', ');
  const certain =
    backends.length === 0
      ? `no attempt was made to ${whom}`
      : backends.length === 1
        ? `${countOf(value, 'attempt was', 'attempts were')} made to ${backends[0]?.[0]}`
        : `${formatCount(value)} attempts were made to backends (${named})`;
  const open = formatCount(most - value);
  if (most === value) return certain;
  return value === 0
    ? `${certain} for certain, but up to ${open} perhaps,`
    : `${certain}, perhaps up to ${open} more,`;
}
