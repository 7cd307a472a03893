/** Small builders of plans and record lines: everything zero or empty but what a test names. */
import { DurationHistogram, type EncodedHistogram } from '../../src/metrics/histogram.js';
import {
  type AttemptCell,
  type CallCell,
  type LoadLine,
  RECORD_SCHEMA,
  type RunLine,
  type TargetCounts,
  type TargetLine,
  type VariantEndLine,
  type VariantLine,
} from '../../src/metrics/record.js';
import { PLAN_SCHEMA, type Plan, type VariantPlan } from '../../src/scenarios/plan.js';
import type { LoadSpec, PhaseWindow } from '../../src/workers/spec.js';

/** Seconds in ns. */
export const seconds = (s: number): number => s * 1e9;

/** A histogram of `[milliseconds, how many]`. */
export function durationsOf(...values: readonly (readonly [number, number])[]): EncodedHistogram {
  const histogram = new DurationHistogram();
  for (const [ms, count] of values) {
    for (let i = 0; i < count; i++) histogram.record(ms * 1e6);
  }
  const encoded = histogram.encode();
  histogram.destroy();
  return encoded;
}

/** Phases one after another: `phasesOf(['baseline', 4], ['storm', 2])`, lengths in seconds. */
export function phasesOf(...phases: readonly (readonly [string, number])[]): PhaseWindow[] {
  let from = 0;
  return phases.map(([name, length]) => {
    const window = {
      name,
      fromNs: from,
      toNs: from + seconds(length),
      discard: name === 'warm-up',
    };
    from = window.toNs;
    return window;
  });
}

export const aLoad = (name: string, more: Partial<LoadSpec> = {}): LoadSpec => ({
  name,
  call: { kind: 'unary', options: {} },
  arrivals: { kind: 'constant', options: 400 },
  inFlightMax: 1000,
  ...more,
});

export function aVariant(name: string, more: Partial<VariantPlan> = {}): VariantPlan {
  const phases = more.phases ?? phasesOf(['baseline', 2]);
  return {
    name,
    durationNs: phases.at(-1)?.toNs ?? 0,
    phases,
    backends: ['b0', 'b1', 'b2'].map((backend) => ({ name: backend, port: 0 })),
    client: { driver: 'grpc-js', channels: 1, serviceConfig: {}, channelOptions: {} },
    loads: [aLoad('say')],
    faults: [],
    checks: [],
    pacing: 'relaxed',
    ...more,
  };
}

export const aPlan = (variants: readonly VariantPlan[], more: Partial<Plan> = {}): Plan => ({
  schema: PLAN_SCHEMA,
  scenario: 'synthetic',
  summary: 'What do made-up figures say?',
  seed: 7,
  quick: false,
  intervalNs: seconds(1),
  workers: 2,
  variants,
  gates: [],
  ...more,
});

export const aRunLine = (more: Partial<RunLine> = {}): RunLine => ({
  type: 'run',
  schema: RECORD_SCHEMA,
  id: '20261122T101500Z-synthetic',
  scenario: 'synthetic',
  seed: 7,
  version: '0.1.0',
  startedAt: '2026-11-22T10:15:00.000Z',
  host: { cpu: 'a processor', cores: 8, node: '20.20.2', os: 'linux 6.1' },
  ...more,
});

/** Unix time at which a made-up variant's load clock reads zero: a second after the run's start. */
export const ZERO_UNIX_MS = Date.parse('2026-11-22T10:15:01.000Z');

/** The address that backend `b<n>` listens on. */
export const addressOf = (backend: string): string => `127.0.0.1:5000${backend.slice(1)}`;

export const aVariantLine = (variant: string, zeroUnixMs = ZERO_UNIX_MS): VariantLine => ({
  type: 'variant',
  variant,
  zeroUnixMs,
  backends: ['b0', 'b1', 'b2'].map((name) => ({ name, address: addressOf(name) })),
});

/** It ran to its end, so many seconds after its beginning. */
export const aVariantEnd = (variant: string, atSeconds: number): VariantEndLine => ({
  type: 'variant-end',
  variant,
  atNs: seconds(atSeconds),
  complete: true,
});

/** A worker's interval number `index`, of one second. */
export const aLoadLine = (
  variant: string,
  index: number,
  more: Partial<LoadLine> = {},
): LoadLine => ({
  type: 'load',
  variant,
  worker: 0,
  fromNs: seconds(index),
  toNs: seconds(index + 1),
  calls: [],
  attempts: [],
  streams: [],
  generator: { loopBusyShare: 0.2 },
  inFlight: 0,
  ...more,
});

export const aCallCell = (phase: string, more: Partial<CallCell> = {}): CallCell => ({
  load: 'say',
  phase,
  offered: 0,
  started: 0,
  missed: 0,
  completed: 0,
  good: 0,
  abandoned: 0,
  byCode: {},
  ...more,
});

/** `count` calls that all ended OK after `ms`. */
export const okCalls = (phase: string, count: number, ms = 5): CallCell =>
  aCallCell(phase, {
    offered: count,
    started: count,
    completed: count,
    good: count,
    byCode: { OK: count },
    latency: durationsOf([ms, count]),
    serviceTime: durationsOf([ms, count]),
  });

export const anAttemptCell = (
  phase: string,
  backend: string,
  more: Partial<AttemptCell> = {},
): AttemptCell => ({
  load: 'say',
  phase,
  backend: addressOf(backend),
  first: 0,
  retries: 0,
  transparent: 0,
  hedges: 0,
  byCode: {},
  ...more,
});

export const aTargetLine = (
  variant: string,
  backend: string,
  index: number,
  counts: Partial<TargetCounts> = {},
): TargetLine => ({
  type: 'target',
  variant,
  backend,
  fromNs: seconds(index),
  toNs: seconds(index + 1),
  counts: {
    receivedByPreviousAttempts: {},
    answeredByCode: {},
    cancelled: 0,
    shed: 0,
    wasted: 0,
    busyNs: 0,
    servedNs: 0,
    wastedNs: 0,
    queueLengthMax: 0,
    messagesReceived: 0,
    messagesDelivered: 0,
    healthChecks: 0,
    healthWatchers: 0,
    faults: {},
    ...counts,
  },
});
