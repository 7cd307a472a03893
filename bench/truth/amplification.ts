/**
 * Retries of attempts that fail each by itself: (1 − pⁿ)/(1 − p) attempts a call, of which 1 − pⁿ end
 * well. The faults hit attempts by the seed, so a run has to make exactly the attempts that were drawn.
 */
import { attemptsPerCall, succeedingShare } from './formulas.js';
import { deviationOf, meanOf, wilson } from './interval.js';
import { WHY_NO_RETRIES } from './not-offered.js';
import { runProduct } from './product-run.js';
import { drawAttempts } from './retry-model.js';
import { judge, notOffered, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const RATE_PER_SECOND = 400;
const SECONDS = 6;
const CASES = [
  { failing: 0.5, attempts: 4 },
  { failing: 0.8, attempts: 3 },
];
/** Retries that come when the phase is over and its faults with it: of the last calls. */
const LAST_CALLS = 8;

export const retryPolicyOf = (maxAttempts: number, codes: readonly string[] = ['UNAVAILABLE']) => ({
  maxAttempts,
  initialBackoff: '1ms',
  maxBackoff: '1ms',
  backoffMultiplier: 1,
  retryableStatusCodes: codes,
});

async function rowsOf(
  { driver, seed, scale }: TruthContext,
  { failing, attempts }: (typeof CASES)[number],
): Promise<Row[]> {
  const { phase, plan } = await runProduct({
    driver,
    seed,
    seconds: SECONDS * scale,
    arrivals: { poisson: `${RATE_PER_SECOND}/s` },
    targets: { server: 'wire' },
    client: { retryPolicy: retryPolicyOf(attempts) },
    faults: [{ 'rpc-abort': { code: 'UNAVAILABLE', share: `${failing * 100}%` } }],
  });
  const drawn = drawAttempts(plan, seed, attempts);
  const calls = drawn.attempts.length;
  const { good, completed } = phase.calls;
  const truth = `${failing * 100} % fail, ${attempts} attempts`;
  return [
    judge({
      truth,
      figure: 'attempts per call',
      subject: driver,
      unit: 'ratio',
      expected: attemptsPerCall(failing, attempts),
      measured: phase.attempts.amplification ?? Number.NaN,
      spread: { standardError: deviationOf(drawn.attempts) / Math.sqrt(calls) },
      model: meanOf(drawn.attempts),
      loose: (LAST_CALLS * (attempts - 1)) / calls,
    }),
    judge({
      truth,
      figure: 'share that ends well',
      subject: driver,
      unit: 'share',
      expected: succeedingShare(failing, attempts),
      measured: good / completed,
      spread: wilson(good, completed),
      model: meanOf(drawn.good),
      loose: LAST_CALLS / calls,
    }),
  ];
}

export const amplification: Truth = {
  name: 'amplification',
  summary: 'Attempts that fail each by itself, retried: attempts per call, and calls that end well',
  async rows(context) {
    if (context.driver === 'wire') {
      return [notOffered('independent failures, retried', 'wire', WHY_NO_RETRIES)];
    }
    const rows: Row[] = [];
    for (const one of CASES) rows.push(...(await rowsOf(context, one)));
    return rows;
  },
};
