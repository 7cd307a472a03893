/**
 * What a balancer makes of waiting: Poisson calls of one client over eight backends of one slot each, at
 * the same utilisation under each policy.
 *
 *     random        each backend is M/M/1            s/(1 − ρ)
 *     round_robin   each gets every eighth call      E₈/M/1
 *     p2c           the shorter of two               the chain of two-choices-chain.ts
 *
 * Random picks follow from the seed, so the model plays the very picks of the run; those of p2c depend on
 * what the client sees in flight, which is the model's up to the way there and back.
 */
import { NS_PER_MS } from '../../src/base/clock.js';
import { balancedPath, type Picking } from './balancer-model.js';
import { inTurnMean, mm1Mean } from './formulas.js';
import { meanOf } from './interval.js';
import { loadOf, modelFigure, type Simulate } from './model-figure.js';
import { WHY_NO_BALANCER } from './not-offered.js';
import { runProduct } from './product-run.js';
import { sojournsInTurnNs } from './queue-model.js';
import { judge, notOffered, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';
import { shorterOfTwoExact } from './two-choices-chain.js';

const BACKENDS = 8;
const SERVICE_MS = 20;
const RHO = 0.8;
const RATE_PER_SECOND = (BACKENDS * RHO * 1e3) / SERVICE_MS;
const SECONDS = 9;
/** How much later than its end the client hears of a call's: what p2c sees in flight meanwhile. */
const WAY_NS = 1 * NS_PER_MS;

interface Policy {
  readonly balancer: Picking | 'round_robin';
  readonly title: string;
  readonly expectedMs: () => number;
  readonly simulate: Simulate;
  /** How far a run may leave the model because one pick that differs makes others differ, in ms. */
  readonly looseMs: number;
}

const picked =
  (policy: Picking): Simulate =>
  (calls, { seed }) =>
    balancedPath(calls, policy, { backends: BACKENDS, seed, wayNs: WAY_NS }).sojournNs;

const POLICIES: readonly Policy[] = [
  {
    balancer: 'random',
    title: 'M/M/1',
    expectedMs: () => mm1Mean(SERVICE_MS, RHO),
    simulate: picked('random'),
    looseMs: 0.5,
  },
  {
    balancer: 'round_robin',
    title: `E${BACKENDS}/M/1`,
    expectedMs: () => inTurnMean(SERVICE_MS, RHO, BACKENDS),
    simulate: (calls) => sojournsInTurnNs(calls, { slots: 1, waits: true }, BACKENDS),
    looseMs: 0.5,
  },
  {
    balancer: 'p2c',
    title: 'shorter of two',
    expectedMs: () => shorterOfTwoExact(SERVICE_MS, RHO, BACKENDS),
    simulate: picked('p2c'),
    looseMs: 2,
  },
];

async function rowOf(
  { driver, seed, scale }: TruthContext,
  { balancer, title, expectedMs, simulate, looseMs }: Policy,
): Promise<Row> {
  const truth = `${balancer} of ${BACKENDS}, rho ${RHO}: ${title}`;
  if (driver === 'wire' && balancer !== 'round_robin') {
    return notOffered(truth, 'wire', WHY_NO_BALANCER);
  }
  const run = await runProduct({
    driver,
    seed,
    seconds: SECONDS * scale,
    arrivals: { poisson: `${RATE_PER_SECOND}/s` },
    targets: {
      backends: BACKENDS,
      server: 'wire',
      capacity: { slots: 1, queue: 1_000_000, serviceTime: { exponential: `${SERVICE_MS}ms` } },
    },
    client: driver === 'wire' ? {} : { balancer },
  });
  const { model, standardError } = modelFigure(loadOf(run.plan, seed), simulate, (path) => {
    return meanOf(path.latencyNs) / NS_PER_MS;
  });
  return judge({
    truth,
    figure: 'mean latency',
    subject: driver,
    unit: 'ms',
    expected: expectedMs(),
    measured: (run.phase.latencyUs?.mean ?? Number.NaN) / 1e3,
    spread: { standardError },
    model,
    late: run.lateMs,
    loose: looseMs,
    invalid: run.invalid,
  });
}

export const balancedWaits: Truth = {
  name: 'balanced-waits',
  summary: `${BACKENDS} backends picked at random, in turn, and by two choices: mean latency`,
  async rows(context) {
    const rows: Row[] = [];
    for (const policy of POLICIES) rows.push(await rowOf(context, policy));
    return rows;
  },
};
