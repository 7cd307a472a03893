/**
 * Little's law, L = λW: of any system that is steady, whatever its distributions. A closed loop holds
 * L and measures λ and W; an open one has all three measured, L by asking at the ends of intervals.
 */
import { NS_PER_MS, NS_PER_SECOND } from '../../src/base/clock.js';
import { deviationOf, meanOf } from './interval.js';
import { loadOf, type ModelPath, measuredPath, type Simulate } from './model-figure.js';
import { type Measured, runProduct, WARM_UP_SECONDS } from './product-run.js';
import { sojournsNs } from './queue-model.js';
import { judge, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const CALLERS = 16;
const SLOTS = 8;
const SERVICE_MS = 40;
const OPEN_RATE_PER_SECOND = 160;
const INTERVAL_MS = 50;

const targets = {
  server: 'wire',
  capacity: {
    slots: SLOTS,
    queue: 1_000_000,
    serviceTime: { exponential: `${SERVICE_MS}ms` },
  },
};

/**
 * Throughput times mean time from send to end, as the product reports them: a call that is due and not
 * sent yet is not open.
 */
function throughputTimesTime({ phase }: Measured): number {
  return phase.rates.throughputPerSecond * ((phase.serviceTimeUs?.mean ?? Number.NaN) / 1e6);
}

async function closedRow({ driver, seed, scale }: TruthContext): Promise<Row> {
  const run = await runProduct({
    driver,
    seed,
    seconds: 4 * scale,
    arrivals: { closed: CALLERS },
    targets,
  });
  const measured = throughputTimesTime(run);
  // Calls that are open across an edge of the phase are counted with a part of their time only: at
  // most all callers' one latency at each end. And between a reply and the next call none is open.
  const edge = (2 * CALLERS * (run.phase.serviceTimeUs?.mean ?? 0)) / 1e6 / (4 * scale);
  return judge({
    truth: `Little, closed loop of ${CALLERS}`,
    figure: 'throughput x mean time',
    subject: driver,
    unit: 'count',
    expected: CALLERS,
    measured,
    spread: { low: measured - edge, high: measured + edge + 0.01 * CALLERS },
    invalid: run.invalid,
  });
}

const simulate: Simulate = (calls) => sojournsNs(calls, { slots: SLOTS, waits: true });

/** Calls open, on average over moments an interval apart, minus λW. */
function sampledMinusLittle({ calls, latencyNs }: ModelPath, seconds: number): number {
  const samples = Math.floor((seconds * 1e3) / INTERVAL_MS);
  let open = 0;
  for (const [index, dueNs] of calls.dueNs.entries()) {
    const sinceNs = dueNs - WARM_UP_SECONDS * NS_PER_SECOND;
    const stepNs = INTERVAL_MS * NS_PER_MS;
    const last = Math.min(samples, Math.floor((sinceNs + (latencyNs[index] ?? 0)) / stepNs));
    open += Math.max(0, last - Math.floor(sinceNs / stepNs));
  }
  const lambda = calls.dueNs.length / seconds;
  return open / samples - lambda * (meanOf(latencyNs) / NS_PER_SECOND);
}

async function openRow({ driver, seed, scale }: TruthContext): Promise<Row> {
  const seconds = 6 * scale;
  const run = await runProduct({
    driver,
    seed,
    seconds,
    arrivals: { poisson: `${OPEN_RATE_PER_SECOND}/s` },
    targets,
    intervalMs: INTERVAL_MS,
  });
  const { phase, loadLines, plan } = run;
  const inside = loadLines.filter(
    ({ toNs }) => toNs > WARM_UP_SECONDS * NS_PER_SECOND && toNs <= phase.toMs * NS_PER_MS,
  );
  const load = loadOf(plan, seed);
  const differences = Array.from({ length: 100 }, (_, i) =>
    sampledMinusLittle(measuredPath({ ...load, seed: seed + 1 + i }, simulate), seconds),
  );
  return judge({
    truth: `Little, open loop of ${OPEN_RATE_PER_SECOND}/s`,
    figure: 'calls open, sampled',
    subject: driver,
    unit: 'count',
    expected: throughputTimesTime(run),
    measured: meanOf(inside.map(({ inFlight }) => inFlight)),
    spread: { standardError: deviationOf(differences) },
    invalid: run.invalid,
  });
}

export const littlesLaw: Truth = {
  name: 'little',
  summary: 'Calls open = throughput x latency, closed loop and open',
  rows: async (context) => [await closedRow(context), await openRow(context)],
};
