/**
 * A budget of retries as a share of the calls and some a second besides, as Finagle's: on a server that is
 * down, where every call would make a second attempt, calls make 1 + share + minimum/λ on average.
 *
 * The budget counts by slices of its window, a tenth each, and may count over one less: of the retries it
 * holds back up to that share. At the phase's edges up to one slice's retries belong to the other side.
 */

import { budgetedAttempts } from './formulas.js';
import { WHY_NO_RETRIES } from './not-offered.js';
import { runProduct } from './product-run.js';
import { judge, notOffered, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const SHARE = 0.2;
const PER_SECOND = 10;
const WINDOW_SECONDS = 2;
const SLICES = 10;
/** A window until the budget's first minimum is spent, and one more. */
const WARM_UP_SECONDS = 2 * WINDOW_SECONDS;
/**
 * Whole windows: what is spent at once comes back at once when the window has passed, again and again.
 */
const WINDOWS = 3;
const RATES_PER_SECOND = [20, 100];
/** More than the budget allows at either rate, and few enough that it is not spent in one moment. */
const ATTEMPTS = 2;

async function rowOf({ driver, seed, scale }: TruthContext, ratePerSecond: number): Promise<Row> {
  const seconds = Math.max(1, Math.round(WINDOWS * scale)) * WINDOW_SECONDS;
  const { phase } = await runProduct({
    driver,
    seed,
    seconds,
    warmUpSeconds: WARM_UP_SECONDS,
    arrivals: { constant: `${ratePerSecond}/s` },
    targets: { server: 'wire' },
    client: {
      interceptors: [
        {
          retry: {
            attempts: ATTEMPTS,
            backoff: { initial: '1ms', maximum: '1ms', multiplier: 1, jitter: 'none' },
            budget: {
              share: {
                ofCalls: `${SHARE * 100}%`,
                minimum: `${PER_SECOND}/s`,
                window: `${WINDOW_SECONDS}s`,
              },
            },
          },
        },
      ],
    },
    faults: [{ 'rpc-abort': { code: 'UNAVAILABLE' } }],
  });
  const measured = phase.attempts.amplification ?? Number.NaN;
  const ofSlice = ((SHARE * ratePerSecond + PER_SECOND) * WINDOW_SECONDS) / SLICES;
  const edge = ofSlice / (ratePerSecond * seconds);
  return judge({
    truth: `budget ${SHARE * 100} % and ${PER_SECOND}/s, all of ${ratePerSecond}/s fail`,
    figure: 'attempts per call',
    subject: driver,
    unit: 'ratio',
    expected: budgetedAttempts(ratePerSecond, SHARE, PER_SECOND),
    measured,
    spread: {
      low: measured - edge,
      high: 1 + (measured - 1 + edge) / (1 - 1 / SLICES),
    },
  });
}

export const budget: Truth = {
  name: 'budget',
  summary: 'Retries as a share of the calls and a minimum: attempts per call when all fail',
  async rows(context) {
    if (context.driver === 'wire') return [notOffered('retry budget', 'wire', WHY_NO_RETRIES)];
    const rows: Row[] = [];
    for (const rate of RATES_PER_SECOND) rows.push(await rowOf(context, rate));
    return rows;
  },
};
