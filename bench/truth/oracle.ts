/**
 * The sample-path oracle: every call's latency, beside what the model says of that very call.
 *
 * A mean needs a hundred thousand calls before chance is down to a few per cent; but the arrivals and
 * service times of a run are known, so the model can be fed with them, and then nothing is left to
 * chance. What remains between a call and its model, the **residual**, is the harness: the way there and
 * back, wake-ups, timers. The way is measured too, at the same time, by calls that ask for no service.
 *
 * Arrivals are the moments at which calls were really sent; how late those were is the product's
 * `lateness`, a figure of its own.
 */
import { NS_PER_MS } from '../../src/base/clock.js';
import { drawCalls } from './drawn-calls.js';
import { type Interval, quantileOf, studentQuantile } from './interval.js';
import { sojournsNs } from './queue-model.js';
import { judge, type Row } from './row.js';
import { type TimedRun, timeCalls } from './timed-calls.js';
import type { Truth, TruthContext } from './truth.js';

/** What is left of a call when model and way are taken off: at most this, in the median. */
export const RESIDUAL_MS_MAX = 0.2;

/** All times of one call on its way, in ms. */
export interface Residuals {
  /** What the model says of each call. */
  readonly modelMs: Float64Array;
  /** Measured, from the send, minus the model. */
  readonly residualMs: Float64Array;
  /** Median of the way there and back. */
  readonly wayMs: number;
  /** See TimedRun. */
  readonly coreWaitShare: number | undefined;
}

/**
 * Where client or server waits for a core for longer than this share of the time, other work is in the
 * figures: on cores of its own the oracle waits for well under a hundredth.
 */
const CORE_WAIT_SHARE_MAX = 0.03;

interface OracleQueue {
  readonly title: string;
  readonly slots: number;
  readonly meanMs: number;
  readonly ratePerSecond: number;
  readonly seconds: number;
}

const ONE_SLOT: OracleQueue = {
  title: 'oracle, M/M/1, rho 0.7',
  slots: 1,
  meanMs: 5,
  ratePerSecond: 140,
  seconds: 7,
};

export const FOUR_SLOTS: OracleQueue = {
  title: 'oracle, M/M/4, rho 0.8',
  slots: 4,
  meanMs: 10,
  ratePerSecond: 320,
  seconds: 7,
};

/** @param serviceNs what each call was given. */
export function residualsOf(
  { calls, way, coreWaitShare }: TimedRun,
  serviceNs: Float64Array,
  slots: number,
): Residuals {
  const model = sojournsNs({ dueNs: calls.sentNs, serviceNs }, { slots, waits: true });
  return {
    coreWaitShare,
    modelMs: model.map((ns) => ns / NS_PER_MS),
    residualMs: model.map((ns, i) => {
      return ((calls.endNs[i] ?? 0) - (calls.sentNs[i] ?? 0) - ns) / NS_PER_MS;
    }),
    wayMs:
      quantileOf(
        way.endNs.map((endNs, i) => endNs - (way.sentNs[i] ?? 0)),
        0.5,
      ) / NS_PER_MS,
  };
}

/** Batches long enough that a queue forgets itself, and enough of them for an interval. */
const BATCHES = 40;

/**
 * How many ms of latency came with each ms of the model: 1, if the harness stretches nothing. The slope
 * of a line through the calls, in batches of neighbours, so that it does not rest on their independence.
 */
export function slopeOf({ modelMs, residualMs }: Residuals): Interval & { slope: number } {
  const size = Math.floor(modelMs.length / BATCHES);
  const middle = modelMs.reduce((sum, ms) => sum + ms, 0) / modelMs.length;
  const middleResidual = residualMs.reduce((sum, ms) => sum + ms, 0) / residualMs.length;
  const batches = Array.from({ length: BATCHES }, (_, batch) => {
    let products = 0;
    let squares = 0;
    for (let i = batch * size; i < (batch + 1) * size; i++) {
      const x = (modelMs[i] ?? 0) - middle;
      products += x * ((residualMs[i] ?? 0) - middleResidual);
      squares += x * x;
    }
    return { products, squares };
  });
  const squares = batches.reduce((sum, batch) => sum + batch.squares, 0);
  const extra = batches.reduce((sum, batch) => sum + batch.products, 0) / squares;
  // The spread of a quotient of sums over batches (ratio estimator; Cochran 1977, 6.4).
  const errors = batches.reduce((sum, b) => sum + (b.products - extra * b.squares) ** 2, 0);
  const standardError = Math.sqrt((errors * BATCHES) / (BATCHES - 1)) / squares;
  const half = studentQuantile(BATCHES - 1) * standardError;
  return { slope: 1 + extra, low: 1 + extra - half, high: 1 + extra + half };
}

/** The rows of one oracle run. */
export function oracleRows(title: string, subject: Row['subject'], found: Residuals): Row[] {
  const us = (ms: number) => `${Math.round(ms * 1e3)} µs`;
  const at = (share: number) => quantileOf(found.residualMs, share);
  const median = at(0.5) - found.wayMs;
  const { slope, low, high } = slopeOf(found);
  const common = { truth: title, subject };
  const { coreWaitShare = 0 } = found;
  const row = judge({
    ...common,
    figure: 'median residual, way taken off',
    unit: 'ms',
    expected: 0,
    measured: median,
    spread: { low: median - RESIDUAL_MS_MAX, high: median + RESIDUAL_MS_MAX },
    why:
      `${found.residualMs.length} calls; residual p1 ${us(at(0.01))}, p50 ${us(at(0.5))}, ` +
      `p90 ${us(at(0.9))}, p99 ${us(at(0.99))}; way there and back p50 ${us(found.wayMs)}; ` +
      `a process waited for a core for ${(coreWaitShare * 100).toFixed(1)} % of the time`,
  });
  const isDisturbed = row.verdict === 'misses' && coreWaitShare > CORE_WAIT_SHARE_MAX;
  return [
    isDisturbed ? { ...row, verdict: 'invalid' } : row,
    judge({
      ...common,
      figure: 'ms of latency per ms of model',
      unit: 'ratio',
      expected: 1,
      measured: slope,
      spread: { low, high },
    }),
  ];
}

/** Runs one queue with every call timed, and judges it. */
export async function runOracle(
  { title, slots, meanMs, ratePerSecond, seconds }: OracleQueue,
  { driver, seed, scale }: TruthContext,
): Promise<Row[]> {
  const serviceTime = { kind: 'exponential', meanNs: meanMs * NS_PER_MS } as const;
  const load = {
    seed,
    name: 'say',
    arrivals: { kind: 'poisson', options: ratePerSecond },
    durationNs: seconds * scale * 1e9,
  };
  const run = await timeCalls({
    ...load,
    driver,
    server: 'wire',
    capacity: { slots, queue: 1_000_000, serviceTime, pacing: 'precise' },
  });
  const { serviceNs } = drawCalls({ ...load, serviceTime });
  return oracleRows(title, driver, residualsOf(run, serviceNs, slots));
}

const oracleTruth = (name: string, queue: OracleQueue): Truth => ({
  name,
  summary: `${queue.title}: every call beside its own model; the rest is the error of the harness`,
  rows: (context) => runOracle(queue, context),
});

export const oracles: readonly Truth[] = [
  oracleTruth('oracle-mm1', ONE_SLOT),
  oracleTruth('oracle-mm4', FOUR_SLOTS),
];
