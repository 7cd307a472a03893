/**
 * A budget of retries as a share of the open attempts, as Envoy's: where everything hangs and attempts are given
 * up after one and the same time, retries are that share of what is open, and calls make 1 / (1 − share).
 *
 * What is open is a whole number: of n first attempts up to three retries are missing to the exact share. One would
 * exceed it; one has just ended, and is not counted any more when the next is asked for; and the place of each that
 * ends stays free until the next attempt fails, 2 ms and a timer's millisecond or two of its 200, which is about half
 * of one together. At the phase's edges as many more may belong to the other side.
 */
import { openBudgetAttempts } from './formulas.js';
import { WHY_NO_RETRIES } from './not-offered.js';
import { runProduct } from './product-run.js';
import { judge, notOffered, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const SHARE = 0.2;
const RATE_PER_SECOND = 500;
const ATTEMPT_SECONDS = 0.2;
const SECONDS = 6;
const MISSING = 3;

async function rowOf({ driver, seed, scale }: TruthContext): Promise<Row> {
  const seconds = Math.max(2, SECONDS * scale);
  const { phase } = await runProduct({
    driver,
    seed,
    seconds,
    arrivals: { constant: `${RATE_PER_SECOND}/s` },
    targets: { server: 'wire' },
    client: {
      interceptors: [
        {
          retry: {
            attempts: 2,
            timeouts: [`${ATTEMPT_SECONDS}s`],
            backoff: { initial: '0s', maximum: '0s', multiplier: 1, jitter: 'none' },
            retryOn: ['DEADLINE_EXCEEDED'],
            budget: { concurrency: { ofAttempts: `${SHARE * 100}%`, minimum: 0 } },
          },
        },
      ],
    },
    faults: [{ 'rpc-hang': {} }],
  });
  const measured = phase.attempts.amplification ?? Number.NaN;
  const missing = MISSING / (RATE_PER_SECOND * ATTEMPT_SECONDS);
  const edge = MISSING / (RATE_PER_SECOND * seconds);
  return judge({
    truth: `budget of ${SHARE * 100} % of what is open, all of ${RATE_PER_SECOND}/s hang`,
    figure: 'attempts per call',
    subject: driver,
    unit: 'ratio',
    expected: openBudgetAttempts(SHARE),
    measured,
    spread: { low: measured - edge, high: measured + missing + edge },
  });
}

export const openBudget: Truth = {
  name: 'open-budget',
  summary: 'Retries as a share of what is open: attempts per call when everything hangs',
  async rows(context) {
    if (context.driver === 'wire') return [notOffered('open budget', 'wire', WHY_NO_RETRIES)];
    return [await rowOf(context)];
  },
};
