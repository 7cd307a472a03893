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
 * fault begins.
 */
import { z } from 'zod';
import { duration, positiveDuration, share } from '../base/units.js';
import { formatMs, formatShare } from '../metrics/figures.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { defineCheck, type Judgement, phaseNamed, type VariantFindings } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';
import { type Baseline, watchRecovery } from './recovery-watch.js';

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
    const baselinePhase = baselineOf(options, findings);
    if (baselinePhase === undefined) {
      const why = `there is no phase before ${options.after} to compare with; name one with "of"`;
      return undecided(expected, UNIT, why);
    }
    const baseline = toBaseline(baselinePhase);
    if (baseline === undefined) {
      const why =
        `no call ended OK in ${nameWithTimes(baselinePhase)}, so there is nothing to come ` +
        'back to; a baseline with load would decide it';
      return undecided(expected, UNIT, why);
    }
    return answer(options, expected, after, baseline, findings);
  },
});

function baselineOf({ after, of }: Options, findings: VariantFindings): PhaseSummary | undefined {
  if (of !== undefined) return phaseNamed(findings, of);
  const before = findings.phases.slice(
    0,
    findings.phases.findIndex(({ name }) => name === after),
  );
  return before.filter(({ discard }) => !discard).at(-1);
}

function toBaseline({ name, calls, latencyUs }: PhaseSummary): Baseline | undefined {
  if (calls.good === 0 || latencyUs === undefined) return undefined;
  return {
    phase: name,
    goodShare: calls.good / calls.offered,
    latencyUsMean: latencyUs.mean,
    latencyUsP99: latencyUs.p99,
  };
}

/** The end of what is observed: the next fault's phase, or the end of the last phase. */
function observedUntilMs(after: PhaseSummary, { phases, faults }: VariantFindings): number {
  const faulty = new Set(faults.map(({ phase }) => phase));
  const later = phases.filter(({ fromMs }) => fromMs >= after.toMs);
  const nextFault = later.find(({ name }) => faulty.has(name));
  return nextFault?.fromMs ?? later.at(-1)?.toMs ?? after.toMs;
}

function answer(
  options: Options,
  expected: string,
  after: PhaseSummary,
  baseline: Baseline,
  findings: VariantFindings,
): Judgement {
  const untilMs = observedUntilMs(after, findings);
  const points = findings.series.filter(
    ({ fromMs, toMs }) => fromMs >= after.toMs && toMs <= untilMs,
  );
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
    return { ...common, verdict: 'fail', why: state };
  }
  return undecided(expected, UNIT, `${state}; a longer phase after ${after.name} would decide it`);
}
