/**
 * Fixed delays, by the fault `rpc-delay` on backends that answer at once: the simplest truth. No call is
 * faster, the median is the delay and the harness's own lateness, and of two delays the medians are as
 * far apart as the delays.
 */
import { runProduct } from './product-run.js';
import { judge, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

const DELAYS_MS = [10, 40];
const RATE_PER_SECOND = 200;
const SECONDS = 2;
/** The fault's timer (whole milliseconds, rounded up), the generator's, and the way there and back. */
const LATE_MS = 4;
/** That lateness does not depend on the delay: how far two medians of it may be apart. */
const APART_MS = 0.5;

async function delayed({ driver, seed, scale }: TruthContext, delayMs: number) {
  return await runProduct({
    driver,
    seed,
    seconds: SECONDS * scale,
    arrivals: { poisson: `${RATE_PER_SECOND}/s` },
    targets: { server: 'wire' },
    faults: [{ 'rpc-delay': { delay: `${delayMs}ms` } }],
  });
}

export const fixedDelay: Truth = {
  name: 'fixed-delay',
  summary: 'Every call delayed by a fixed time: nothing is faster, and little is added',
  async rows(context) {
    const rows: Row[] = [];
    const mediansMs: number[] = [];
    for (const delayMs of DELAYS_MS) {
      const { phase, invalid } = await delayed(context, delayMs);
      const truth = `fixed delay ${delayMs} ms`;
      const common = { truth, subject: context.driver, unit: 'ms', invalid } as const;
      const { min = Number.NaN, p50 = Number.NaN } = phase.latencyUs ?? {};
      mediansMs.push(p50 / 1e3);
      for (const [figure, us] of Object.entries({ 'least latency': min, 'p50 latency': p50 })) {
        rows.push(
          judge({
            ...common,
            figure,
            expected: delayMs,
            measured: us / 1e3,
            spread: { standardError: 0 },
            late: LATE_MS,
            // The histogram's three digits.
            loose: 0.001 * delayMs,
            model: delayMs,
          }),
        );
      }
    }
    const [shortMs = 0, longMs = 0] = DELAYS_MS;
    const [shortMedianMs = Number.NaN, longMedianMs = Number.NaN] = mediansMs;
    const apartMs = longMedianMs - shortMedianMs;
    rows.push(
      judge({
        truth: `delays ${shortMs} and ${longMs} ms`,
        figure: 'between their p50',
        subject: context.driver,
        unit: 'ms',
        expected: longMs - shortMs,
        measured: apartMs,
        spread: { low: apartMs - APART_MS, high: apartMs + APART_MS },
      }),
    );
    return rows;
  },
};
