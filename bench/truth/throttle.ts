/**
 * gRPC's retry throttle (gRFC A6): a failed attempt takes a token, a success gives `tokenRatio` of one,
 * and nothing is retried while half of the tokens or less are there.
 *
 * In the long run it knows two states. Tokens gain r(1 − p) − p an attempt, which is nothing at the knee
 * p = r/(1 + r). Below it they lie at their maximum, and every failure is retried; above it they lie at
 * none, and none is. In between there is nothing: a hundred tokens are far more than chance moves them.
 *
 * From full tokens on a server that is down, failure number max/2 leaves half of them: that one and all
 * after it are not retried. Of the failures before, those are that were not their call's last attempt.
 */
import { retryPolicyOf } from './amplification.js';
import { attemptsPerCall, throttleKnee } from './formulas.js';
import { deviationOf, meanOf } from './interval.js';
import { WHY_NO_RETRIES } from './not-offered.js';
import { runProduct } from './product-run.js';
import { drawAttempts } from './retry-model.js';
import { judge, notOffered, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const RATIO = 0.1;
const KNEE = throttleKnee(RATIO);
const ATTEMPTS = 4;
/** Half of them, 50, are lost to chance below the knee once in e^39 times (p = 6 %). */
const TOKENS = 100;
const RATE_PER_SECOND = 500;
const SECONDS = 5;
const FAILING = { below: 0.06, above: 0.18 };
/** Above the knee 50 tokens are lost in about 500 attempts, a second; all of them in two. */
const WARM_UP_SECONDS = 3;
const LAST_CALLS = 10;

async function longRun({ driver, seed, scale }: TruthContext, side: keyof typeof FAILING) {
  const failing = FAILING[side];
  const { phase, plan } = await runProduct({
    driver,
    seed,
    seconds: SECONDS * scale,
    warmUpSeconds: WARM_UP_SECONDS,
    arrivals: { poisson: `${RATE_PER_SECOND}/s` },
    targets: { server: 'wire' },
    client: {
      retryPolicy: retryPolicyOf(ATTEMPTS),
      retryThrottling: { maxTokens: TOKENS, tokenRatio: RATIO },
    },
    faults: [{ 'rpc-abort': { code: 'UNAVAILABLE', share: `${failing * 100}%` } }],
  });
  const drawn = drawAttempts(plan, seed, side === 'below' ? ATTEMPTS : 1, WARM_UP_SECONDS);
  const calls = drawn.attempts.length;
  return judge({
    truth: `throttle r ${RATIO}, knee ${(KNEE * 100).toFixed(2)} %: ${failing * 100} % fail`,
    figure: 'attempts per call',
    subject: driver,
    unit: 'ratio',
    expected: side === 'below' ? attemptsPerCall(failing, ATTEMPTS) : 1,
    measured: phase.attempts.amplification ?? Number.NaN,
    spread: { standardError: deviationOf(drawn.attempts) / Math.sqrt(calls) },
    model: meanOf(drawn.attempts),
    loose: side === 'below' ? LAST_CALLS / calls : 0,
  });
}

/**
 * Retries that a throttle with full tokens lets through on a server that is down, call after call.
 * @param attempts of each call at most.
 */
export function retriesUntilDry(maxTokens: number, attempts: number): number {
  let retries = 0;
  for (let failures = 1; maxTokens - failures > maxTokens / 2; failures++) {
    if (failures % attempts !== 0) retries++;
  }
  return retries;
}

const DOWN = { tokens: 10, ratePerSecond: 20, seconds: 1 };

async function hardDown({ driver, seed }: TruthContext, attempts: number): Promise<Row> {
  const { phase } = await runProduct({
    driver,
    seed,
    seconds: DOWN.seconds,
    // Far enough apart that a call is over before the next begins.
    arrivals: { constant: `${DOWN.ratePerSecond}/s` },
    targets: { server: 'wire' },
    client: {
      retryPolicy: retryPolicyOf(attempts),
      retryThrottling: { maxTokens: DOWN.tokens, tokenRatio: RATIO },
    },
    faults: [{ 'rpc-abort': { code: 'UNAVAILABLE' } }],
    warmUpFaults: [],
  });
  return judge({
    truth: `throttle of ${DOWN.tokens} tokens, all fail, ${attempts} attempts`,
    figure: 'retries, of all calls',
    subject: driver,
    unit: 'count',
    expected: retriesUntilDry(DOWN.tokens, attempts),
    measured: phase.attempts.retries,
    spread: { standardError: 0 },
  });
}

export const throttle: Truth = {
  name: 'throttle',
  summary: "gRPC's retry throttle: all or nothing, with its knee at r/(1 + r), and dry after max/2",
  async rows(context) {
    if (context.driver === 'wire') return [notOffered('retry throttle', 'wire', WHY_NO_RETRIES)];
    const rows = [await longRun(context, 'below'), await longRun(context, 'above')];
    for (const attempts of [2, 4, 5]) rows.push(await hardDown(context, attempts));
    return rows;
  },
};
