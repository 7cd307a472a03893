/**
 * How calls are dealt out: in turn, no backend gets more than one more than another; with pick_first one
 * of n gets all, and Jain's index is 1/n. Counts, so nothing about them is left to chance.
 */
import { runProduct } from './product-run.js';
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
    return notOffered(truth, 'wire', 'the wire driver has no balancer: it takes backends in turn');
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

export const fairness: Truth = {
  name: 'fairness',
  summary: 'In turn: at most one more for anyone. pick_first: everything for one',
  rows: async (context) => [await inTurn(context), await pickFirst(context)],
};
