/** Small builders of findings, for what is made of them: everything quiet but what a test names. */
import type { VariantFindings } from '../../src/checks/check.js';
import type { DurationSummary } from '../../src/metrics/histogram.js';
import type {
  CallCounts,
  PhaseSummary,
  SeriesPoint,
  ServerSummary,
  VariantSummary,
} from '../../src/metrics/summary.js';

/** Every percentile up to the 95th is `ms`, those above and the maximum are `p99Ms`. */
export function latency(ms: number, p99Ms = ms, count = 1000): DurationSummary {
  const [us, tail] = [ms * 1e3, p99Ms * 1e3];
  const body = { min: us, mean: us, p50: us, p90: us, p95: us };
  return { count, ...body, p99: tail, p999: tail, p9999: tail, max: tail };
}

export const aCallCount = (more: Partial<CallCounts> = {}): CallCounts => ({
  offered: 0,
  started: 0,
  completed: 0,
  good: 0,
  missed: 0,
  abandoned: 0,
  byCode: {},
  ...more,
});

/** A phase from `fromMs` to `toMs` in which `good` of `offered` calls ended OK, the others not. */
export function aPhase(
  name: string,
  [fromMs, toMs]: readonly [number, number],
  { offered = 0, good = offered }: { readonly offered?: number; readonly good?: number } = {},
  more: Partial<PhaseSummary> = {},
): PhaseSummary {
  const seconds = (toMs - fromMs) / 1e3;
  const byCode = { OK: good, ...(good === offered ? {} : { UNAVAILABLE: offered - good }) };
  const counts = { offered, started: offered, completed: offered, good, byCode };
  return {
    name,
    fromMs,
    toMs,
    discard: name === 'warm-up',
    calls: aCallCount(counts),
    rates: {
      offeredPerSecond: offered / seconds,
      throughputPerSecond: offered / seconds,
      goodputPerSecond: good / seconds,
    },
    ...(offered === 0 ? {} : { latencyUs: latency(10) }),
    attempts: {
      total: offered,
      first: offered,
      retries: 0,
      transparent: 0,
      hedges: 0,
      ...(offered === 0 ? {} : { amplification: 1 }),
      byCode: {},
    },
    backends: [],
    loads: [],
    ...more,
  };
}

/** Servers that did nothing but what is named. */
export const aServerSummary = (more: Partial<ServerSummary> = {}): ServerSummary => ({
  busyMs: 0,
  servedMs: 0,
  wastedMs: 0,
  shed: 0,
  queueLengthMax: 0,
  ...more,
});

/** The interval of one second that begins at second `index`. */
export function aPoint(index: number, offered: number, good: number, p99Ms?: number): SeriesPoint {
  return {
    fromMs: index * 1e3,
    toMs: (index + 1) * 1e3,
    offered,
    completed: offered,
    good,
    failed: offered - good,
    missed: 0,
    attempts: offered,
    ...(p99Ms === undefined ? {} : { latencyUs: latency(10, p99Ms) }),
  };
}

export const aVariantSummary = (more: Partial<VariantSummary> = {}): VariantSummary => ({
  name: 'retry',
  driver: 'grpc-js',
  complete: true,
  phases: [],
  series: [],
  faults: [],
  attempts: { client: 0, server: 0, agree: true, serverByPreviousAttempts: {} },
  events: [],
  checks: [],
  generator: { saturated: false, reasons: [] },
  ...more,
});

export const someFindings = (more: Partial<VariantFindings> = {}): VariantFindings =>
  aVariantSummary(more);
