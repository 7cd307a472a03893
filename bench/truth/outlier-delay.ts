/**
 * How long a backend that begins to fail every call goes on getting calls. `outlier_detection` looks every
 * interval T at what came since the last look. One that fell ill within the last 15 % of an interval has
 * not failed more than 85 % of it, and is ejected at the look after the next: between 0.85 T and 1.85 T after
 * it fell ill, evenly, if that was at a random moment; 1.35 T on average (13.5 s with the default of 10 s).
 *
 * Backends fall ill one after another, at moments drawn from the seed, and each is out by the time that
 * the next one does.
 */
import { createRng } from '../../src/base/rng.js';
import { failurePercentageDelay } from './formulas.js';
import { meanOf } from './interval.js';
import { WHY_NO_BALANCER } from './not-offered.js';
import { outlierDetection } from './outliers.js';
import { type Measured, runProduct, WARM_UP_SECONDS } from './product-run.js';
import { judge, notOffered } from './row.js';
import type { Truth } from './truth.js';

const INTERVAL_MS = 500;
const THRESHOLD = 0.85;
const BACKENDS = 8;
/** Those that are looked at last are the last one that falls ill, and two that never do. */
const ILL = 6;
const RATE_PER_SECOND = 600;
const REQUESTS_MIN = 8;
/** How finely the run looks. */
const LOOK_MS = 50;
/** A backend is seen up to a look longer than it is in. */
const SOONEST_MS = THRESHOLD * INTERVAL_MS;
const LATEST_MS = SOONEST_MS + INTERVAL_MS + LOOK_MS;
/** From when the next one may fall ill on. */
const EVERY_MS = LATEST_MS + 2 * LOOK_MS;

/** When backends fall ill, in ms of the measured phase: at random within an interval, in order. */
function onsetsMs(seed: number): number[] {
  const rng = createRng(seed, 'outlier-delay');
  let atMs = 0;
  return Array.from({ length: ILL }, () => {
    const onset = Math.round(atMs + rng() * INTERVAL_MS);
    atMs = onset + EVERY_MS;
    return onset;
  });
}

/** The end of the last look in which a backend got calls, from the load's beginning. */
function lastSeenMs({ backendSeries }: Measured, backend: string): number {
  return backendSeries.findLast(({ attempts }) => (attempts[backend] ?? 0) > 0)?.toMs ?? 0;
}

export const outlierDelay: Truth = {
  name: 'outlier-delay',
  summary: 'A backend that begins to fail: how long until its percentage of failures ejects it',
  async rows({ driver, seed }) {
    const truth = `over ${THRESHOLD * 100} % failures, looked at every ${INTERVAL_MS} ms`;
    if (driver === 'wire') return [notOffered(truth, driver, WHY_NO_BALANCER)];
    const onsets = onsetsMs(seed);
    const run = await runProduct({
      driver,
      seed,
      seconds: ((onsets.at(-1) ?? 0) + EVERY_MS) / 1e3,
      intervalMs: LOOK_MS,
      arrivals: { constant: `${RATE_PER_SECOND}/s` },
      targets: { backends: BACKENDS, server: 'wire' },
      client: {
        balancer: outlierDetection({
          intervalMs: INTERVAL_MS,
          cap: 100,
          hostsMin: 2,
          requestsMin: REQUESTS_MIN,
          threshold: THRESHOLD * 100,
        }),
      },
      faults: onsets.map((atMs, index) => ({
        'rpc-abort': { code: 'INTERNAL', at: `${atMs}ms`, backends: [`b${index}`] },
      })),
      warmUpFaults: [],
    });
    const delaysMs = onsets.map((atMs, index) => {
      return lastSeenMs(run, `b${index}`) - WARM_UP_SECONDS * 1e3 - atMs;
    });
    const common = { truth, subject: driver, unit: 'ms', invalid: run.invalid } as const;
    // An ejection is seen up to a look late; on average half of one.
    const middle = meanOf(delaysMs) - LOOK_MS / 2;
    const evenly = INTERVAL_MS / Math.sqrt(12);
    return [
      judge({
        ...common,
        figure: 'mean delay',
        expected: failurePercentageDelay(INTERVAL_MS, THRESHOLD),
        measured: middle,
        spread: { standardError: evenly / Math.sqrt(ILL) },
        late: run.lateMs,
      }),
      judge({
        ...common,
        unit: 'count',
        figure: 'delays out of bounds',
        expected: 0,
        measured: delaysMs.filter((ms) => ms < SOONEST_MS || ms > LATEST_MS + run.lateMs).length,
        spread: { standardError: 0 },
        why: `delays of ${delaysMs.map((ms) => Math.round(ms)).join(', ')} ms`,
      }),
    ];
  },
};
