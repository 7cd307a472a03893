/**
 * The course of goodput over time beside a baseline's, as several checks need it.
 *
 *     G/G₀ of an interval = (good ÷ offered in it) ÷ (good ÷ offered in the baseline)
 *
 * Goodput is set against what was offered in that very interval, because arrivals are random; where the
 * load is steady it is the ratio of the rates. Long-lived calls have no end to wait for and are left out.
 *
 * The standard deviation of it is that of calls which fail at the baseline's rate, and of calls open
 * across the interval's two ends (recovery-time.ts has the same).
 */
import type { PhaseSummary, SeriesPoint } from '../metrics/summary.js';
import type { VariantFindings } from './check.js';

const MS_PER_SECOND = 1e3;
const US_PER_MS = 1e3;

/** What is called normal. */
export interface Normal {
  readonly phase: PhaseSummary;
  /** Good ÷ offered calls, above 0 up to 1. */
  readonly goodShare: number;
  readonly offeredPerSecond: number;
  readonly latencyUsMean: number;
}

export interface CoursePoint {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offered: number;
  /** G/G₀; may be above 1. */
  readonly level: number;
  /** Standard deviation of the level, if nothing is wrong. */
  readonly noise: number;
}

/** The phase asked for; without a name, the last one before another that is not discarded. */
export function normalPhase(
  findings: VariantFindings,
  name: string | undefined,
  before: string,
): PhaseSummary | undefined {
  if (name !== undefined) return findings.phases.find((phase) => phase.name === name);
  const index = findings.phases.findIndex((phase) => phase.name === before);
  return findings.phases
    .slice(0, Math.max(0, index))
    .filter(({ discard }) => !discard)
    .at(-1);
}

/** @returns undefined when no call was good in it: there is nothing to measure by. */
export function normalOf(phase: PhaseSummary, findings: VariantFindings): Normal | undefined {
  const points = callsBetween(findings.series, phase.fromMs, phase.toMs);
  const sum = (of: (point: SeriesPoint) => number) =>
    points.reduce((total, point) => total + of(point), 0);
  const offered = sum((point) => point.offered);
  const good = sum((point) => point.good);
  const seconds = sum(({ fromMs, toMs }) => toMs - fromMs) / MS_PER_SECOND;
  if (good === 0 || offered === 0 || phase.latencyUs === undefined) return undefined;
  return {
    phase,
    // Calls of the interval before may end in it: more good than offered is no share.
    goodShare: Math.min(1, good / offered),
    offeredPerSecond: offered / seconds,
    latencyUsMean: phase.latencyUs.mean,
  };
}

/** The intervals that lie whole between two moments and had load. */
export function courseBetween(
  findings: VariantFindings,
  normal: Normal,
  fromMs: number,
  toMs: number,
): CoursePoint[] {
  return callsBetween(findings.series, fromMs, toMs)
    .filter(({ offered }) => offered > 0)
    .map((point) => {
      const expected = normal.goodShare * point.offered;
      const lengthMs = point.toMs - point.fromMs;
      const openAtEnds = (point.offered * normal.latencyUsMean) / US_PER_MS / lengthMs;
      const sd = Math.sqrt(expected * (1 - normal.goodShare) + 2 * openAtEnds);
      return {
        fromMs: point.fromMs,
        toMs: point.toMs,
        offered: point.offered,
        level: point.good / expected,
        noise: sd / expected,
      };
    });
}

/** The intervals that lie whole between two moments, without their long-lived calls. */
export function callsBetween(
  series: readonly SeriesPoint[],
  fromMs: number,
  toMs: number,
): SeriesPoint[] {
  return series
    .filter((point) => point.fromMs >= fromMs && point.toMs <= toMs)
    .map((point) => ({
      ...point,
      offered: point.offered - (point.longLived?.offered ?? 0),
      good: point.good - (point.longLived?.good ?? 0),
    }));
}

/** When watching after a moment ends: where the next phase with a fault begins, or with the last phase. */
export function watchedUntilMs({ phases, faults }: VariantFindings, fromMs: number): number {
  const faulty = new Set(faults.map(({ phase }) => phase));
  const later = phases.filter((phase) => phase.fromMs >= fromMs);
  return later.find(({ name }) => faulty.has(name))?.fromMs ?? later.at(-1)?.toMs ?? fromMs;
}
