/**
 * Queues in their steady state: M/M/1, M/D/1, M/M/c, and Eₙ/M/1 where a client deals Poisson arrivals
 * out to n backends in turn. Measured are the mean and quantiles of latency that the product reports,
 * and what its servers report of waiting and of busy time.
 */
import { NS_PER_MS, NS_PER_SECOND } from '../../src/base/clock.js';
import type { DurationSummary } from '../../src/metrics/histogram.js';
import { erlangC, inTurnMean, md1Wait, mm1Mean, mm1Quantile, mmcWait } from './formulas.js';
import { meanOf, quantileOf } from './interval.js';
import { type Figure, loadOf, modelFigure, type Simulate } from './model-figure.js';
import { type Measured, runProduct, WARM_UP_SECONDS } from './product-run.js';
import { sojournsInTurnNs } from './queue-model.js';
import { shareAbove } from './recorded-shares.js';
import { judge, type Row } from './row.js';
import type { Truth } from './truth.js';

interface Queue {
  readonly name: string;
  readonly title: string;
  readonly backends: number;
  readonly slots: number;
  readonly serviceMs: number;
  readonly service: 'exponential' | 'fixed';
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly figures: readonly QueueFigure[];
}

interface QueueFigure {
  readonly figure: string;
  readonly unit: 'ms' | 'share';
  readonly expected: number;
  read(run: Measured, queue: Queue): number;
  readonly model: (queue: Queue) => Figure;
  /** Of the unit, where it is no time. */
  readonly loose?: number;
}

const ofLatency =
  (pick: (latency: DurationSummary) => number) =>
  ({ phase }: Measured) =>
    phase.latencyUs === undefined ? Number.NaN : pick(phase.latencyUs) / 1e3;

const meanLatency = (expectedMs: number): QueueFigure => ({
  figure: 'mean latency',
  unit: 'ms',
  expected: expectedMs,
  read: ofLatency(({ mean }) => mean),
  model: () => (path) => meanOf(path.latencyNs) / NS_PER_MS,
});

const medianLatency = (expectedMs: number): QueueFigure => ({
  figure: 'p50 latency',
  unit: 'ms',
  expected: expectedMs,
  read: ofLatency(({ p50 }) => p50),
  model: () => (path) => quantileOf(path.latencyNs, 0.5) / NS_PER_MS,
});

/** Lines of a server whose interval lies in the measured phase. */
const steadyLines = ({ targetLines }: Measured) =>
  targetLines.filter(({ fromNs, toNs }) => (fromNs + toNs) / 2 >= WARM_UP_SECONDS * NS_PER_SECOND);

/** From the servers' own histogram of waits, whose finest step is 64 ns. */
const shareThatWaits = (expected: number): QueueFigure => ({
  figure: 'share that waits (server)',
  unit: 'share',
  expected,
  read: (run) =>
    shareAbove(
      steadyLines(run).map(({ counts }) => counts.queueTime),
      64,
    ).share,
  model: () => (path) => {
    const waiting = path.latencyNs.filter((ns, i) => ns - (path.calls.serviceNs[i] ?? 0) > 64);
    return waiting.length / path.latencyNs.length;
  },
  // A call that comes a moment before or after a slot is free; and those on the phase's two edges.
  loose: 0.02,
});

/** The utilisation law: busy = arrivals × service. */
const utilisation = (rho: number): QueueFigure => ({
  figure: 'utilisation (server)',
  unit: 'share',
  expected: rho,
  read(run, { slots }) {
    const lines = steadyLines(run).filter(({ toNs }) => toNs <= run.plan.durationNs + 100e6);
    const busyNs = lines.reduce((sum, { counts }) => sum + counts.busyNs, 0);
    const wallNs = lines.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0);
    return busyNs / (slots * wallNs);
  },
  model:
    ({ slots }) =>
    ({ calls: { dueNs, serviceNs } }) => {
      const wallNs = (dueNs.at(-1) ?? 0) - WARM_UP_SECONDS * NS_PER_SECOND;
      return serviceNs.reduce((sum, ns) => sum + ns, 0) / (slots * wallNs);
    },
  loose: 0.02,
});

const QUEUES: readonly Queue[] = [
  {
    name: 'mm1',
    title: 'M/M/1, rho 0.5',
    backends: 1,
    slots: 1,
    serviceMs: 10,
    service: 'exponential',
    ratePerSecond: 50,
    seconds: 11,
    figures: [meanLatency(mm1Mean(10, 0.5)), medianLatency(mm1Quantile(10, 0.5, 0.5))],
  },
  {
    name: 'md1',
    title: 'M/D/1, rho 0.7',
    backends: 1,
    slots: 1,
    serviceMs: 10,
    service: 'fixed',
    ratePerSecond: 70,
    seconds: 9,
    figures: [meanLatency(10 + md1Wait(10, 0.7))],
  },
  {
    name: 'mmc',
    title: 'M/M/8, rho 0.8',
    backends: 1,
    slots: 8,
    serviceMs: 40,
    service: 'exponential',
    ratePerSecond: 160,
    seconds: 9,
    figures: [
      meanLatency(40 + mmcWait(40, 8, 6.4)),
      shareThatWaits(erlangC(8, 6.4)),
      utilisation(0.8),
    ],
  },
  {
    name: 'in-turn',
    title: 'E4/M/1: 4 backends in turn, rho 0.8',
    backends: 4,
    slots: 1,
    serviceMs: 20,
    service: 'exponential',
    ratePerSecond: 160,
    seconds: 9,
    figures: [meanLatency(inTurnMean(20, 0.8, 4))],
  },
];

function queueTruth(queue: Queue): Truth {
  const { name, title, backends, slots } = queue;
  const simulate: Simulate = (calls) => sojournsInTurnNs(calls, { slots, waits: true }, backends);
  return {
    name,
    summary: `${title}: latency, and what the servers say of it`,
    async rows({ driver, seed, scale }): Promise<Row[]> {
      const run = await runProduct({
        driver,
        seed,
        seconds: queue.seconds * scale,
        arrivals: { poisson: `${queue.ratePerSecond}/s` },
        targets: {
          backends,
          server: 'wire',
          capacity: {
            slots,
            queue: 1_000_000,
            serviceTime: { [queue.service]: `${queue.serviceMs}ms` },
          },
        },
        client: driver === 'grpc-js' && backends > 1 ? { balancer: 'round_robin' } : {},
      });
      const load = loadOf(run.plan, seed);
      return queue.figures.map(({ figure, unit, expected, read, model, loose }) => {
        const { model: modelled, standardError } = modelFigure(load, simulate, model(queue));
        return judge({
          truth: title,
          figure,
          subject: driver,
          unit,
          expected,
          measured: read(run, queue),
          spread: { standardError },
          model: modelled,
          invalid: run.invalid,
          ...(unit === 'ms' ? { late: run.lateMs, loose: 0.1 } : { loose: loose ?? 0 }),
        });
      });
    },
  };
}

export const queueTruths: readonly Truth[] = QUEUES.map(queueTruth);
