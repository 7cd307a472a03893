/**
 * Whether the service stays down when what brought it down is gone (Bronson et al., HotOS 2021).
 *
 *     stuck      load and backends are as before, and the median of G/G₀ is below `below`
 *     recovered  it is not
 *
 * The median is taken over the intervals from `settle` after the trigger's end on: a service may need
 * that long, and what it needs is recovery-time's business. Load that is not back, or a backend that is
 * not, decides nothing: then the trigger is not gone.
 *
 * A service that is stuck can be `metastable`, held down by the load that it makes for itself, or
 * `damaged`. With phases `shed`, in which the load is taken away, and `restored`, in which it is back, the
 * two are told apart: what comes back by that was metastable.
 *
 * What sustains it is named from the record, each beside its baseline: attempts per call, time in the
 * servers' queues, service time for nobody, connections made.
 */
import { z } from 'zod';
import { duration, share } from '../base/units.js';
import { type Interval, rankInterval } from '../metrics/exact-interval.js';
import { countOf, formatMs, formatShare } from '../metrics/figures.js';
import type { PhaseSummary, Verdict } from '../metrics/summary.js';
import { defineCheck, type Judgement, phaseNamed, type VariantFindings } from './check.js';
import { describeInterval } from './interval-verdict.js';
import { needsOpenLoad } from './lost-service.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';
import {
  type CoursePoint,
  courseBetween,
  type Normal,
  normalOf,
  normalPhase,
  watchedUntilMs,
} from './service-course.js';
import { sustainingEffects } from './sustaining-effects.js';

const UNIT = 'share';
const NS_PER_MS = 1e6;
const INTERVALS_MIN = 3;
/** By how much the load after the trigger may differ from before, for the trigger to be gone. */
const LOAD_TOLERANCE = 0.1;

const EXPECTATIONS = ['recovered', 'stuck', 'metastable', 'damaged'] as const;

const schema = z
  .strictObject({
    /** The phase that triggers. */
    after: z.string(),
    of: z.string().optional(),
    below: share().default(0.9),
    /** How long after the trigger's end to wait; half of what is watched when absent. */
    settle: duration().optional(),
    shed: z.string().optional(),
    restored: z.string().optional(),
    expect: z.enum(EXPECTATIONS).default('recovered'),
  })
  .refine(({ shed, restored }) => (shed === undefined) === (restored === undefined), {
    message: 'shed and restored go together',
  })
  .refine(({ expect, shed }) => !['metastable', 'damaged'].includes(expect) || shed !== undefined, {
    message: 'metastable and damaged are told apart by phases shed and restored',
  });

type Options = z.output<typeof schema>;

interface Level {
  readonly state: 'up' | 'down' | 'unclear';
  readonly median: number;
  readonly interval: Interval;
  readonly intervals: number;
}

export const metastability = defineCheck<Options>({
  kind: 'metastability',
  summary: 'Whether goodput stays down when its trigger is gone, and what keeps it there.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: true,
  phasesNamed: ({ after, of, shed, restored }) =>
    [after, of, shed, restored].filter((name) => name !== undefined),
  refusal: (_, plan) => needsOpenLoad(plan),
  judge(options, findings) {
    const expected = options.expect;
    const after = phaseNamed(findings, options.after);
    if (after === undefined) return undecided(expected, UNIT, notReached(options.after));
    const base = normalPhase(findings, options.of, options.after);
    const normal = base && normalOf(base, findings);
    if (normal === undefined) {
      const why =
        `there is no goodput before ${options.after} to compare with; a baseline would decide ` +
        'it';
      return undecided(expected, UNIT, why);
    }
    return judgeFrom(options, after, normal, findings);
  },
});

function judgeFrom(
  options: Options,
  after: PhaseSummary,
  normal: Normal,
  findings: VariantFindings,
): Judgement {
  const { expect, below } = options;
  const shed = options.shed === undefined ? undefined : phaseNamed(findings, options.shed);
  if (options.shed !== undefined && shed === undefined) {
    return undecided(expect, UNIT, notReached(options.shed));
  }
  const untilMs = Math.min(watchedUntilMs(findings, after.toMs), shed?.fromMs ?? Infinity);
  const settleMs =
    options.settle === undefined ? (untilMs - after.toMs) / 2 : options.settle / NS_PER_MS;
  const fromMs = after.toMs + settleMs;
  const points = courseBetween(findings, normal, fromMs, untilMs);
  const where = `from ${formatMs(fromMs)} to ${formatMs(untilMs)}`;
  const notGone = whyNotGone(points, normal, findings, fromMs);
  if (notGone !== undefined) return undecided(expect, UNIT, notGone);
  if (points.length < INTERVALS_MIN) {
    const why =
      `${countOf(points.length, 'interval')} with load seen ${where}, after the end of ${after.name}; ` +
      `${INTERVALS_MIN} would decide it`;
    return undecided(expect, UNIT, why);
  }
  const level = levelOf(points, below);
  const told =
    `${where}, ${formatMs(settleMs)} and more after the end of ${after.name}, the median goodput ` +
    `was ${formatShare(level.median)} of that of ${normal.phase.name} ` +
    `(${describeInterval(level.interval, formatShare)})`;
  const common = { value: level.median, interval: level.interval, expected: expect, unit: UNIT };
  if (level.state === 'unclear') {
    const why = `${told}: neither stuck below ${formatShare(below)} nor above it for certain; a longer phase would decide it`;
    return { ...common, verdict: 'inconclusive', why };
  }
  if (level.state === 'up') {
    return {
      ...common,
      verdict: expect === 'recovered' ? 'pass' : 'fail',
      shown: shownAs('recovered', level),
      why: `${told}: recovered`,
    };
  }
  const effects = sustainingEffects(phasesBetween(findings, after.toMs, untilMs), normal.phase);
  const stuck = `${told}: stuck. ${effects}`;
  return { ...common, ...nature(options, level, stuck, normal, findings) };
}

/** Metastable or damaged, by what became of it when the load was taken away and given back. */
function nature(
  { expect, restored: name, below }: Options,
  found: Level,
  stuck: string,
  normal: Normal,
  findings: VariantFindings,
): Pick<Judgement, 'verdict' | 'shown' | 'why'> {
  const verdict = (...states: readonly string[]): Verdict =>
    states.includes(expect) ? 'pass' : 'fail';
  const shown = shownAs('stuck', found);
  if (name === undefined) return { verdict: verdict('stuck'), shown, why: stuck };
  const restored = phaseNamed(findings, name);
  const isCertain = expect === 'stuck' || expect === 'recovered';
  const undecidedNature = (why: string) => ({
    verdict: isCertain ? verdict('stuck') : ('inconclusive' as const),
    shown,
    why: `${stuck}; whether metastable or damaged is open: ${why}`,
  });
  if (restored === undefined) return undecidedNature(notReached(name));
  const points = courseBetween(findings, normal, restored.fromMs, restored.toMs);
  if (points.length < INTERVALS_MIN) {
    return undecidedNature(`${restored.name} has too few intervals with load`);
  }
  const level = levelOf(points, below);
  const where = nameWithTimes(restored);
  if (level.state === 'unclear') return undecidedNature(`goodput in ${where} is between the two`);
  const came = `in ${where}, after the load had been taken away, goodput was`;
  return level.state === 'up'
    ? {
        verdict: verdict('stuck', 'metastable'),
        shown: shownAs('metastable', found),
        why: `${stuck}; ${came} back at ${formatShare(level.median)}: metastable`,
      }
    : {
        verdict: verdict('stuck', 'damaged'),
        shown: shownAs('damaged', found),
        why: `${stuck}; ${came} still at ${formatShare(level.median)}: damaged`,
      };
}

/** What is expected is a word, so what is found is one, too: `recovered, 101 %`. */
const shownAs = (state: (typeof EXPECTATIONS)[number], { median }: Level) =>
  `${state}, ${formatShare(median)}`;

/** The median and the order statistics around it. Of few intervals these are the least and the most. */
function levelOf(points: readonly CoursePoint[], below: number): Level {
  const levels = points.map(({ level }) => level).sort((a, b) => a - b);
  const count = levels.length;
  const at = (rank: number) => levels[rank - 1] ?? 0;
  const ranks = rankInterval(count, 0.5);
  const [low, high] = [at(ranks.low ?? 1), at(ranks.high ?? count)];
  const level = ranks.low === undefined ? 1 - 2 * 0.5 ** count : 0.95;
  const state = high < below ? 'down' : low >= below ? 'up' : 'unclear';
  const median = (at(Math.ceil(count / 2)) + at(Math.floor(count / 2) + 1)) / 2;
  return { state, median, interval: { low, high, level }, intervals: count };
}

/** Why the trigger cannot be called gone, as a sentence; undefined when it is. */
function whyNotGone(
  points: readonly CoursePoint[],
  normal: Normal,
  { events }: VariantFindings,
  fromMs: number,
): string | undefined {
  const seconds = points.reduce((sum, one) => sum + one.toMs - one.fromMs, 0) / 1e3;
  const offered = points.reduce((sum, point) => sum + point.offered, 0);
  const perSecond = offered / seconds;
  // Arrivals at random differ by the root of their number.
  const tolerance = LOAD_TOLERANCE + 3 / Math.sqrt(Math.max(1, offered));
  if (points.length > 0 && Math.abs(perSecond / normal.offeredPerSecond - 1) > tolerance) {
    return (
      `the load was ${formatShare(perSecond / normal.offeredPerSecond)} of that of ` +
      `${normal.phase.name}, so the trigger is not gone; the same load would decide it`
    );
  }
  const gone = new Set<string>();
  for (const { kind, subject, atMs } of events) {
    if (subject === undefined || atMs > fromMs) continue;
    if (kind === 'process.crashed' || kind === 'process.paused' || kind === 'process.draining') {
      gone.add(subject);
    }
    if (kind === 'process.started' || kind === 'process.resumed') gone.delete(subject);
  }
  if (gone.size === 0) return undefined;
  return `${[...gone].join(' and ')} had not come back by ${formatMs(fromMs)}, so the trigger is not gone; a longer phase would decide it`;
}

function phasesBetween({ phases }: VariantFindings, fromMs: number, toMs: number) {
  return phases.filter((phase) => phase.fromMs >= fromMs && phase.toMs <= toMs);
}
