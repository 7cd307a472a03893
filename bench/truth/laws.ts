/**
 * The model itself, held against theory: hundreds of thousands of calls drawn by the product's own
 * arrivals and service times, played by the oracle, without a clock. With these rows a run that agrees
 * with the model call by call agrees with theory far more sharply than its own few calls could show.
 */
import { NS_PER_MS } from '../../src/base/clock.js';
import type { Distribution } from '../../src/base/distribution.js';
import { balancedPath, type Picking } from './balancer-model.js';
import { type DrawnCalls, drawCalls } from './drawn-calls.js';
import {
  erlangB,
  erlangC,
  inTurnMean,
  md1Wait,
  mm1Mean,
  mmcWait,
  shorterOfTwoMean,
} from './formulas.js';
import { batchMeans } from './interval.js';
import { sojournsInTurnNs, sojournsNs, waitsNs } from './queue-model.js';
import { judge, type Row } from './row.js';
import type { Law } from './truth.js';
import { shorterOfTwoExact } from './two-choices-chain.js';

const SERVICE_MS = 10;
const EXPONENTIAL: Distribution = { kind: 'exponential', meanNs: SERVICE_MS * NS_PER_MS };
const FIXED: Distribution = { kind: 'fixed', ns: SERVICE_MS * NS_PER_MS };

interface Case {
  readonly truth: string;
  readonly figure: string;
  readonly unit: Row['unit'];
  readonly serviceTime: Distribution;
  /** Offered traffic, in erlangs. */
  readonly load: number;
  readonly expected: number | (() => number);
  /** A figure of each call, whose mean is the expectation. @param seed of what it draws besides. */
  of(calls: DrawnCalls, seed: number): Float64Array;
}

const inMs = (ns: Float64Array) => ns.map((value) => value / NS_PER_MS);
const exponential = { serviceTime: EXPONENTIAL, unit: 'ms' } as const;

/** So many backends of one slot at ρ = 0.8, picked by one of our policies. */
const balanced = (policy: Picking, backends: number, expected: Case['expected']): Case => ({
  ...exponential,
  truth: `${policy} of ${backends}, rho 0.8`,
  figure: 'mean latency',
  load: 0.8 * backends,
  expected,
  of: (calls, seed) => inMs(balancedPath(calls, policy, { backends, seed }).sojournNs),
});

/** So many that the limit for very many is off by less than chance. */
const VERY_MANY = 256;

const CASES: readonly Case[] = [
  {
    ...exponential,
    truth: `exponential ${SERVICE_MS} ms`,
    figure: 'mean drawn',
    load: 1,
    expected: SERVICE_MS,
    of: ({ serviceNs }) => inMs(serviceNs),
  },
  {
    ...exponential,
    truth: 'poisson 100/s',
    figure: 'mean gap',
    load: 1,
    expected: SERVICE_MS,
    of: ({ dueNs }) => inMs(dueNs.map((ns, i) => ns - (dueNs[i - 1] ?? 0))),
  },
  {
    ...exponential,
    truth: 'M/M/1, rho 0.7',
    figure: 'mean latency',
    load: 0.7,
    expected: mm1Mean(SERVICE_MS, 0.7),
    of: (calls) => inMs(sojournsNs(calls, { slots: 1, waits: true })),
  },
  {
    truth: 'M/D/1, rho 0.8',
    figure: 'mean latency',
    unit: 'ms',
    serviceTime: FIXED,
    load: 0.8,
    expected: SERVICE_MS + md1Wait(SERVICE_MS, 0.8),
    of: (calls) => inMs(sojournsNs(calls, { slots: 1, waits: true })),
  },
  {
    ...exponential,
    truth: 'M/M/8, rho 0.8',
    figure: 'mean wait',
    load: 6.4,
    expected: mmcWait(SERVICE_MS, 8, 6.4),
    of: (calls) => inMs(waitsNs(calls, { slots: 8, waits: true })),
  },
  {
    ...exponential,
    truth: 'M/M/8, rho 0.8',
    figure: 'share that waits',
    unit: 'share',
    load: 6.4,
    expected: erlangC(8, 6.4),
    of: (calls) => waitsNs(calls, { slots: 8, waits: true }).map((ns) => (ns > 0 ? 1 : 0)),
  },
  {
    ...exponential,
    truth: 'E4/M/1: 4 in turn, rho 0.8',
    figure: 'mean latency',
    load: 3.2,
    expected: inTurnMean(SERVICE_MS, 0.8, 4),
    of: (calls) => inMs(sojournsInTurnNs(calls, { slots: 1, waits: true }, 4)),
  },
  {
    ...exponential,
    truth: 'Erlang B, 10 slots, load 8',
    figure: 'share refused',
    unit: 'share',
    load: 8,
    expected: erlangB(10, 8),
    of: (calls) => waitsNs(calls, { slots: 10, waits: false }).map((ns) => +Number.isNaN(ns)),
  },
  balanced('random', 8, mm1Mean(SERVICE_MS, 0.8)),
  balanced('p2c', 8, () => shorterOfTwoExact(SERVICE_MS, 0.8, 8)),
  balanced('p2c', VERY_MANY, shorterOfTwoMean(SERVICE_MS, 0.8)),
];

/** Judges one case under a seed. */
function rowOf({ truth, figure, unit, ...rest }: Case, seed: number, calls: number): Row {
  const expected = typeof rest.expected === 'number' ? rest.expected : rest.expected();
  const ratePerSecond = (rest.load * 1e3) / SERVICE_MS;
  const drawn = drawCalls({
    seed,
    name: 'say',
    arrivals: { kind: 'poisson', options: ratePerSecond },
    serviceTime: rest.serviceTime,
    durationNs: (calls / ratePerSecond) * 1e9,
  });
  const { mean, low, high } = batchMeans(rest.of(drawn, seed));
  const spread = { low, high };
  return judge({ truth, figure, subject: 'model', unit, expected, measured: mean, spread });
}

export const laws: Law = {
  name: 'laws',
  summary: 'The model against theory, on many calls and without a clock',
  rows: (seed, calls) => CASES.map((one) => rowOf(one, seed, calls)),
};
