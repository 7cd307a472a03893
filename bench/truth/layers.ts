/**
 * Retries in every layer of a chain whose end is down: each layer makes n attempts of each that it gets,
 * so the last of L gets n^L a call. Counts of the servers, so nothing about them is left to chance.
 *
 * One burst in the middle of the phase: servers count by their own intervals, and a burst that begins and
 * ends within the phase is in it whole.
 */
import { retryPolicyOf } from './amplification.js';
import { runProduct, WARM_UP_SECONDS } from './product-run.js';
import { judge, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const ATTEMPTS = [3, 4];
const CALLS = 20;
/** One burst comes at the load's beginning, in the discarded phase; the second in the measured one. */
const BURST_AFTER_SECONDS = 0.5;
const SECONDS = 2;

async function rowsOf({ driver, seed }: TruthContext, attempts: number): Promise<Row[]> {
  const retryPolicy = retryPolicyOf(attempts);
  const { phase } = await runProduct({
    driver,
    seed,
    seconds: SECONDS,
    intervalMs: 250,
    arrivals: {
      burst: { size: CALLS, every: `${(WARM_UP_SECONDS + BURST_AFTER_SECONDS) * 1e3}ms` },
    },
    targets: { server: 'wire', next: { tier: 'middle', retryPolicy } },
    tiers: {
      middle: { server: 'wire', next: { tier: 'back', retryPolicy } },
      back: { server: 'wire' },
    },
    client: driver === 'wire' ? {} : { retryPolicy },
    faults: [{ 'rpc-abort': { code: 'UNAVAILABLE', tiers: ['back'] } }],
    warmUpFaults: [],
  });
  // The wire driver sends each call once; the layers behind it are the same.
  const layers = driver === 'wire' ? 2 : 3;
  const truth = `${attempts} attempts in each of ${layers} layers`;
  return (phase.tiers ?? []).map(({ name, amplification = Number.NaN }, index) =>
    judge({
      truth,
      figure: `attempts per call, ${name}`,
      subject: driver,
      unit: 'count',
      expected: attempts ** (index + layers - 2),
      measured: amplification,
      spread: { standardError: 0 },
    }),
  );
}

export const layers: Truth = {
  name: 'layers',
  summary: 'Retries in every layer of a chain whose end is down: n to the power of the layers',
  async rows(context) {
    const rows: Row[] = [];
    for (const attempts of ATTEMPTS) rows.push(...(await rowsOf(context, attempts)));
    return rows;
  },
};
