/**
 * How long the service took to come back after a phase: from the phase's end until goodput and tail
 * latency are as they were in a baseline phase, and stay so.
 *
 * Interval i of the series is **back** when
 *
 *     good_i ≥ (1 − tolerance)·n − 2·√( n·(1 − g) + 2L )      where n = g·offered_i
 *     p99_i  ≤ latencyFactor · p99 of the baseline
 *
 * with g = good ÷ offered in the baseline. Goodput is set against what was offered in that very
 * interval, because arrivals are random: 360 good calls are all there can be when 360 were due. The
 * root is the noise that is left, two standard deviations of it: n·(1 − g) from calls that fail at
 * the baseline's rate, and 2L from calls open across the interval's two ends, where L = offered_i ×
 * mean latency ÷ interval is Little's law. At 400 calls/s of 10 ms, none failing, it is 6 calls.
 *
 * `latencyFactor` is 2, not the literature's 1.1: that takes 10⁴ calls per interval, while the p99
 * of a few hundred calls lies within about a third of its true value.
 *
 * The service has recovered at the start of the first interval from which on it is back for `hold`
 * without a break; the answer's resolution is one interval. An interval in which nothing was due
 * tells nothing, and is passed over. Watching ends where the run does, or the next phase with a
 * fault begins. Long-lived calls have no end to wait for, and are left out: a stream that is opened again
 * after the storm is offered in that interval, and good only when the run is over.
 */
import { z } from 'zod';
import { duration, positiveDuration, share } from '../base/units.js';
import { formatMs, formatShare } from '../metrics/figures.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { defineCheck, type Judgement, phaseNamed, type VariantFindings } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';
import { type Baseline, watchRecovery } from './recovery-watch.js';
import { callsBetween, normalOf, normalPhase, watchedUntilMs } from './service-course.js';

const UNIT = 'ms';
const NS_PER_MS = 1e6;

const schema = z.strictObject({
  /** The phase that disturbs. */
  after: z.string(),
  atMost: duration(),
  /** The baseline; the last phase before `after` that is not discarded, when absent. */
  of: z.string().optional(),
  tolerance: share().default(0.05),
  latencyFactor: z.number().min(1).default(2),
  /** Three intervals when absent, or half of those observed when they are fewer than six. */
  hold: positiveDuration().optional(),
});

type Options = z.output<typeof schema>;

export const recoveryTime = defineCheck<Options>({
  kind: 'recovery-time',
  summary: 'Goodput and tail latency are back to their baseline soon after a phase.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: true,
  phasesNamed: ({ after, of }) => [after, ...(of === undefined ? [] : [of])],
  judge(options, findings) {
    const expected = `<= ${formatMs(options.atMost / NS_PER_MS)}`;
    const after = phaseNamed(findings, options.after);
    if (after === undefined) return undecided(expected, UNIT, notReached(options.after));
    const baselinePhase = normalPhase(findings, options.of, options.after);
    if (baselinePhase === undefined) {
      const why = `there is no phase before ${options.after} to compare with; name one with "of"`;
      return undecided(expected, UNIT, why);
    }
    const baseline = toBaseline(baselinePhase, findings);
    if (baseline === undefined) {
      const why =
        `no call ended OK in ${nameWithTimes(baselinePhase)}, so there is nothing to come ` +
        'back to; a baseline with load would decide it';
      return undecided(expected, UNIT, why);
    }
    return answer(options, expected, after, baseline, findings);
  },
});

function toBaseline(phase: PhaseSummary, findings: VariantFindings): Baseline | undefined {
  const normal = normalOf(phase, findings);
  if (normal === undefined || phase.latencyUs === undefined) return undefined;
  const { goodShare, latencyUsMean } = normal;
  return { phase: phase.name, goodShare, latencyUsMean, latencyUsP99: phase.latencyUs.p99 };
}

function answer(
  options: Options,
  expected: string,
  after: PhaseSummary,
  baseline: Baseline,
  findings: VariantFindings,
): Judgement {
  const untilMs = watchedUntilMs(findings, after.toMs);
  const points = callsBetween(findings.series, after.toMs, untilMs);
  const { hold, tolerance, latencyFactor } = options;
  const watched = watchRecovery(points, baseline, { tolerance, latencyFactor, hold });
  const end = `the end of ${after.name} at ${formatMs(after.toMs)}`;
  const observedMs = untilMs - after.toMs;
  const atMostMs = options.atMost / NS_PER_MS;
  const common = { expected, unit: UNIT };
  if (watched.state === 'unobserved') {
    return undecided(
      expected,
      UNIT,
      `no interval with load was observed after ${end}; a phase after it would decide`,
    );
  }
  const floor = `${formatShare(baseline.goodShare * (1 - tolerance))} of the calls offered`;
  const tail = `p99 within ${latencyFactor} times that of ${baseline.phase}`;
  const level = `goodput of ${floor} and ${tail}`;
  if (watched.state === 'recovered') {
    const value = watched.atMs - after.toMs;
    const when = value === 0 ? 'at once, within the first interval' : formatMs(value);
    const why =
      `${level} were reached ${when} ` + `after ${end}, and held for ${formatMs(watched.heldMs)}`;
    return { ...common, verdict: value <= atMostMs ? 'pass' : 'fail', value, why };
  }
  // Back at the end, but not for long enough: later than allowed is certain, in time is not.
  const since = watched.state === 'not-held' ? watched.sinceMs - after.toMs : observedMs;
  const state =
    watched.state === 'not-held'
      ? `${level} were reached ${formatMs(since)} after ${end} but held for only ` +
        `${formatMs(watched.heldMs)} of the ${formatMs(watched.holdMs)} asked for`
      : `not recovered within the ${formatMs(observedMs)} observed after ${end}: ${watched.why}`;
  if (since >= atMostMs && !(since === atMostMs && watched.state === 'not-held')) {
    const shown = watched.state === 'not-recovered' ? { shown: 'never' } : {};
    return { ...common, ...shown, verdict: 'fail', why: state };
  }
  return undecided(expected, UNIT, `${state}; a longer phase after ${after.name} would decide it`);
}
