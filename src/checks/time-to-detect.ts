/**
 * How long a client took to keep away from a backend that went bad: from the onset until that backend's
 * share of the attempts is next to nothing, and stays so.
 *
 *     share ≤ `shareAtMost` · 1/n      in every interval of `hold`
 *
 * n backends, so 1/n is a fair share. The answer is the beginning of the first such interval; the share may
 * have fallen at any moment of the interval before, which the interval told covers. The onset is the first
 * fault or event in the phase that names the backend, or the phase's beginning.
 */
import { z } from 'zod';
import { duration, positiveDuration, share } from '../base/units.js';
import { countOf, formatMs, formatShare } from '../metrics/figures.js';
import type { BackendPoint, EventSummary, PhaseSummary } from '../metrics/summary.js';
import { bounded, describeBounds } from './bounds.js';
import { defineCheck, phaseNamed, type VariantFindings } from './check.js';
import { verdictOf } from './interval-verdict.js';
import type { JudgedPlan } from './judged-plan.js';
import { notReached, undecided } from './phase-answers.js';

const UNIT = 'ms';
const NS_PER_MS = 1e6;
/** Of so few attempts that a fair share may be none by chance (e⁻³ = 5 %), a share says nothing. */
const FAIR_ATTEMPTS_MIN = 3;

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    backend: z.string(),
    /** Of a fair share. */
    shareAtMost: share().prefault('5%'),
    /** For how long it has to stay away; two intervals when absent. */
    hold: positiveDuration().optional(),
    atMost: duration().optional(),
    /** For a claim that it goes unnoticed for so long. */
    atLeast: duration().optional(),
  }),
);

type Options = z.output<typeof schema>;

export const timeToDetect = defineCheck<Options>({
  kind: 'time-to-detect',
  summary: 'How soon a client keeps away from a backend that went bad.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: true,
  phasesNamed: ({ phase }) => [phase],
  backendsNamed: ({ backend }) => [backend],
  refusal: (_, plan) => refusal(plan),
  judge(options, findings) {
    const inMs = (ns: number | undefined) => (ns === undefined ? undefined : ns / NS_PER_MS);
    const bounds = { atMost: inMs(options.atMost), atLeast: inMs(options.atLeast) };
    const expected = describeBounds(bounds, formatMs);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const onset = onsetOf(phase, options.backend, findings);
    const watched = watch(options, onset.atMs, phase, findings.backendSeries ?? []);
    const since = `${onset.told} at ${formatMs(onset.atMs)}`;
    if (watched.state === 'unclear') {
      const why = `after ${since}, ${watched.why}; more load or a longer phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    if (watched.state === 'detected') {
      const { lowMs, value, share: left } = watched;
      const interval = { low: lowMs, high: value, level: 1 };
      const why =
        `${options.backend} had ${formatShare(left)} of the attempts from ${formatMs(value)} after ` +
        `${since} on, or up to an interval sooner`;
      return { verdict: verdictOf(interval, bounds), value, interval, expected, unit: UNIT, why };
    }
    const { observedMs, share: kept } = watched;
    const why =
      `${options.backend} still had ${formatShare(kept)} of the attempts at the end of ` +
      `${phase.name}, ${formatMs(observedMs)} after ${since}`;
    const interval = { low: observedMs, level: 1 };
    const verdict = verdictOf(interval, bounds);
    return { verdict, shown: 'never', interval, expected, unit: UNIT, why };
  },
});

function refusal({ choices, faults }: JudgedPlan): string | undefined {
  if (choices < 2) return 'there is one backend, and nowhere else to go';
  return faults.length === 0 ? 'there is no fault to detect' : undefined;
}

function onsetOf(phase: PhaseSummary, backend: string, { events }: VariantFindings) {
  const isOnset = ({ kind, subject, detail, atMs, health }: EventSummary) => {
    if (atMs < phase.fromMs || atMs >= phase.toMs) return false;
    if (kind === 'fault.start') return new RegExp(`\\b${escaped(backend)}\\b`).test(detail);
    if (subject !== backend) return false;
    const isBad = kind === 'health' && health?.to !== 'SERVING';
    return isBad || ['process.crashed', 'process.paused', 'process.draining'].includes(kind);
  };
  const first = events.filter(isOnset).sort((a, b) => a.atMs - b.atMs)[0];
  if (first === undefined) return { atMs: phase.fromMs, told: `${phase.name} began` };
  return { atMs: first.atMs, told: first.detail };
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

type Watched =
  | { readonly state: 'unclear'; readonly why: string }
  | {
      readonly state: 'detected';
      readonly lowMs: number;
      readonly value: number;
      readonly share: number;
    }
  | { readonly state: 'undetected'; readonly observedMs: number; readonly share: number };

function watch(
  { backend, shareAtMost, hold }: Options,
  onsetMs: number,
  { toMs: endMs }: PhaseSummary,
  series: readonly BackendPoint[],
): Watched {
  const points = series.filter(({ toMs }) => toMs > onsetMs && toMs <= endMs);
  const total = ({ attempts }: BackendPoint) =>
    Object.values(attempts).reduce((sum, count) => sum + count, 0);
  const own = ({ attempts }: BackendPoint) => attempts[backend] ?? 0;
  const fair = (point: BackendPoint) => total(point) / Object.keys(point.attempts).length;
  const lengthMs = (points[0]?.toMs ?? 0) - (points[0]?.fromMs ?? 0);
  const holdMs = hold === undefined ? 2 * lengthMs : hold / NS_PER_MS;
  let held: BackendPoint[] = [];
  const shareOver = (all: readonly BackendPoint[]) =>
    all.reduce((sum, one) => sum + own(one), 0) /
    Math.max(
      1,
      all.reduce((sum, one) => sum + total(one), 0),
    );
  for (const point of points) {
    if (total(point) === 0) continue;
    // The interval that the onset lies in is bad and good at once.
    const isAway = point.fromMs >= onsetMs && own(point) <= shareAtMost * fair(point);
    held = isAway ? [...held, point] : [];
    const [first] = held;
    if (first === undefined || point.toMs - first.fromMs < holdMs) continue;
    const fairAttempts = held.reduce((sum, one) => sum + fair(one), 0);
    if (fairAttempts < FAIR_ATTEMPTS_MIN) {
      return {
        state: 'unclear',
        why: `a fair share was only ${countOf(fairAttempts, 'attempt')}, which chance may spare`,
      };
    }
    const value = first.fromMs - onsetMs;
    const lowMs = Math.max(0, value - (first.toMs - first.fromMs));
    return { state: 'detected', lowMs, value, share: shareOver(held) };
  }
  const last = points.filter((point) => total(point) > 0).at(-1);
  if (last === undefined) return { state: 'unclear', why: 'no attempt was made' };
  // Away at the end, but not for long enough to say so.
  if (held.length > 0) {
    return { state: 'unclear', why: `${backend} was away for less than ${formatMs(holdMs)}` };
  }
  return { state: 'undetected', observedMs: last.toMs - onsetMs, share: shareOver([last]) };
}
