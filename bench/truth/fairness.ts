/**
 * How calls are dealt out: in turn, no backend gets more than one more than another; with pick_first one
 * of n gets all, and Jain's index is 1/n: counts, and nothing about them is left to chance. At random, the
 * coefficient of variation is √((n − 1)/m), and what a run has follows from its seed.
 */
import { balancedPath } from './balancer-model.js';
import { drawCalls } from './drawn-calls.js';
import { dealtAtRandomCv } from './formulas.js';
import { chiSquareQuantile, deviationOf, type Interval, meanOf, Z } from './interval.js';
import { loadOf } from './model-figure.js';
import { WHY_NO_BALANCER } from './not-offered.js';
import { runProduct, WARM_UP_SECONDS } from './product-run.js';
import { judge, notOffered, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const BACKENDS = 5;
const RATE_PER_SECOND = 503;

async function dealtOut({ driver, seed }: TruthContext, balancer: string | undefined) {
  const { phase } = await runProduct({
    driver,
    seed,
    seconds: 1,
    arrivals: { constant: `${RATE_PER_SECOND}/s` },
    targets: { backends: BACKENDS, server: 'wire' },
    client: driver === 'wire' || balancer === undefined ? {} : { balancer },
  });
  return phase;
}

async function inTurn(context: TruthContext): Promise<Row> {
  const { backends } = await dealtOut(context, 'round_robin');
  const counts = backends.map(({ attempts }) => attempts);
  return judge({
    truth: `${BACKENDS} backends in turn, ${RATE_PER_SECOND} calls`,
    figure: 'most - least attempts',
    subject: context.driver,
    unit: 'count',
    expected: RATE_PER_SECOND % BACKENDS === 0 ? 0 : 1,
    measured: Math.max(...counts) - Math.min(...counts),
    spread: { standardError: 0 },
  });
}

async function pickFirst(context: TruthContext): Promise<Row> {
  const truth = `pick_first of ${BACKENDS}`;
  if (context.driver === 'wire') {
    return notOffered(truth, 'wire', WHY_NO_BALANCER);
  }
  const { fairness } = await dealtOut(context, 'pick_first');
  return judge({
    truth,
    figure: "Jain's index",
    subject: context.driver,
    unit: 'ratio',
    expected: 1 / BACKENDS,
    measured: fairness?.jain ?? Number.NaN,
    // An index is a quotient of sums: exact but for the last bits.
    spread: { low: (fairness?.jain ?? 0) - 1e-12, high: (fairness?.jain ?? 0) + 1e-12 },
  });
}

const RANDOM = { backends: 10, ratePerSecond: 1_250, seconds: 8 };

/** CV² = (1/n)·Σ(x/mean − 1)² = 1/J − 1, with Jain's index J. */
const cvOf = (jain: number) => Math.sqrt(1 / jain - 1);

/** m·CV² is a sum of n − 1 squares of normal values. */
function cvInterval(cv: number, backends: number): Interval {
  const at = (z: number) => cv * Math.sqrt((backends - 1) / chiSquareQuantile(backends - 1, z));
  return { low: at(Z), high: at(-Z) };
}

async function atRandom({ driver, seed, scale }: TruthContext): Promise<Row> {
  const { backends, ratePerSecond } = RANDOM;
  const seconds = RANDOM.seconds * scale;
  const calls = ratePerSecond * seconds;
  const truth = `${calls} calls over ${backends} at random`;
  if (driver === 'wire') {
    return notOffered(truth, 'wire', WHY_NO_BALANCER);
  }
  const { phase, plan } = await runProduct({
    driver,
    seed,
    seconds,
    arrivals: { constant: `${ratePerSecond}/s` },
    targets: { backends, server: 'wire' },
    client: { balancer: 'random' },
  });
  const drawn = balancedPath(drawCalls(loadOf(plan, seed)), 'random', { backends, seed });
  const counts = drawn.callsOf(ratePerSecond * WARM_UP_SECONDS);
  const measured = cvOf(phase.fairness?.jain ?? Number.NaN);
  return judge({
    truth,
    figure: 'variation of attempts',
    subject: driver,
    unit: 'share',
    expected: dealtAtRandomCv(backends, calls),
    measured,
    spread: cvInterval(measured, backends),
    model: (deviationOf(counts) * Math.sqrt(1 - 1 / backends)) / meanOf(counts),
    // The very picks that were drawn: exact but for the last bits.
    loose: 1e-9,
  });
}

export const fairness: Truth = {
  name: 'fairness',
  summary:
    'In turn: at most one more for anyone. pick_first: everything for one. At random: by chance',
  rows: async (context) => [
    await inTurn(context),
    await pickFirst(context),
    await atRandom(context),
  ],
};
