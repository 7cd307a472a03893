/**
 * Hedging: a second attempt after a delay, the first reply wins. Two backends' worth of facts: with
 * exponential times P(T > t) = S(t)·S(t − d); with rare stragglers ε becomes ε².
 */
import { NS_PER_MS } from '../../src/base/clock.js';
import { drawnServiceNs } from './drawn-calls.js';
import { hedgedMean, hedgedQuantile } from './formulas.js';
import { meanOf, quantileOf, wilson } from './interval.js';
import { loadOf, modelFigure, type Simulate } from './model-figure.js';
import { type Measured, runProduct } from './product-run.js';
import { shareAbove } from './recorded-shares.js';
import { judge, notOffered, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const WHY_NOT_WIRE =
  'the wire driver sends each call once: hedging is a client policy, and it is for load on servers';
const RATE_PER_SECOND = 200;

const SERVICE_MS = 40;
/** The 95th percentile of the service time: one call in twenty is hedged. */
const DELAY_MS = 120;
const STRAGGLERS = { fastMs: 5, slowMs: 200, share: 0.1, delayMs: 20, isSlowMs: 100 };

function hedgedRun(
  { driver, seed, scale }: TruthContext,
  seconds: number,
  serviceTime: object,
  delayMs: number,
) {
  return runProduct({
    driver,
    seed,
    seconds: seconds * scale,
    arrivals: { poisson: `${RATE_PER_SECOND}/s` },
    targets: { server: 'wire', capacity: { slots: 10_000, serviceTime } },
    client: { hedgingPolicy: { maxAttempts: 2, hedgingDelay: `${delayMs}ms` } },
  });
}

/** Both attempts of a call are drawn from its number, so the model knows each call's end. */
const hedgedAfter =
  (delayMs: number): Simulate =>
  ({ serviceNs }, load) =>
    serviceNs.map((firstNs, ordinal) => {
      if (firstNs <= delayMs * NS_PER_MS) return firstNs;
      return Math.min(firstNs, delayMs * NS_PER_MS + drawnServiceNs(load, ordinal, 1));
    });

/** Share of the calls for which a second attempt was made. */
function hedgeRow(
  common: Pick<Row, 'truth' | 'subject'>,
  run: Measured,
  expected: number,
  model: number,
) {
  const { hedges, first } = run.phase.attempts;
  return judge({
    ...common,
    figure: 'hedges per call',
    unit: 'share',
    expected,
    measured: hedges / first,
    spread: wilson(hedges, first),
    model,
    // Replies that come within a timer's lateness of the delay.
    loose: 0.006,
    invalid: run.invalid,
  });
}

export const hedgedExponentials: Truth = {
  name: 'hedged-exponentials',
  summary: 'Exponential times hedged at their 95th percentile: load, mean and tail',
  async rows(context) {
    const truth = `hedged at p95, exponential ${SERVICE_MS} ms`;
    const { driver, seed } = context;
    if (driver === 'wire') return [notOffered(truth, driver, WHY_NOT_WIRE)];
    const run = await hedgedRun(context, 12, { exponential: `${SERVICE_MS}ms` }, DELAY_MS);
    const load = loadOf(run.plan, seed);
    const simulate = hedgedAfter(DELAY_MS);
    const mean = modelFigure(load, simulate, (path) => meanOf(path.latencyNs) / NS_PER_MS);
    const p99 = modelFigure(load, simulate, (path) => quantileOf(path.latencyNs, 0.99) / NS_PER_MS);
    const hedged = modelFigure(load, simulate, ({ calls }) => {
      return (
        calls.serviceNs.filter((ns) => ns > DELAY_MS * NS_PER_MS).length / calls.serviceNs.length
      );
    });
    const { latencyUs } = run.phase;
    const common = { truth, subject: driver, unit: 'ms', invalid: run.invalid } as const;
    return [
      hedgeRow(common, run, Math.exp(-DELAY_MS / SERVICE_MS), hedged.model),
      judge({
        ...common,
        figure: 'mean latency',
        expected: hedgedMean(SERVICE_MS, DELAY_MS),
        measured: (latencyUs?.mean ?? Number.NaN) / 1e3,
        spread: mean,
        model: mean.model,
        late: run.lateMs,
      }),
      judge({
        ...common,
        figure: 'p99 latency',
        expected: hedgedQuantile(SERVICE_MS, DELAY_MS, 0.99),
        measured: (latencyUs?.p99 ?? Number.NaN) / 1e3,
        spread: p99,
        model: p99.model,
        late: run.lateMs,
        loose: 0.5,
      }),
    ];
  },
};

export const hedgedStragglers: Truth = {
  name: 'hedged-stragglers',
  summary: 'One call in ten is slow, and hedged: one in a hundred still is',
  async rows(context) {
    const { fastMs, slowMs, share, delayMs, isSlowMs } = STRAGGLERS;
    const truth = `stragglers ${share * 100} %, hedged`;
    const { driver, seed } = context;
    if (driver === 'wire') return [notOffered(truth, driver, WHY_NOT_WIRE)];
    const serviceTime = {
      bimodal: { fast: `${fastMs}ms`, slow: `${slowMs}ms`, slowShare: `${share * 100}%` },
    };
    const run = await hedgedRun(context, 8, serviceTime, delayMs);
    const slow = modelFigure(loadOf(run.plan, seed), hedgedAfter(delayMs), ({ latencyNs }) => {
      return latencyNs.filter((ns) => ns > isSlowMs * NS_PER_MS).length / latencyNs.length;
    });
    const cells = run.loadLines.flatMap(({ calls }) =>
      calls.filter(({ phase }) => phase === 'steady'),
    );
    const found = shareAbove(
      cells.map(({ latency }) => latency),
      isSlowMs * NS_PER_MS,
    );
    return [
      judge({
        truth,
        figure: 'share still slow',
        subject: driver,
        unit: 'share',
        expected: share ** 2,
        measured: found.share,
        spread: wilson(Math.round(found.share * found.count), found.count),
        model: slow.model,
        loose: 0.002,
        invalid: run.invalid,
      }),
    ];
  },
};
