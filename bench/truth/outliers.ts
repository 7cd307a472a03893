/**
 * Which outliers `outlier_detection` can see, and which not (gRFC A50).
 *
 * Success-rate ejection takes out backends more than z deviations below the mean of all. Of k equally bad
 * ones of n each lies √((n − k)/k) below it, however bad they are: with z = 1.9, two of five are never
 * seen, nor any k of which k/n is 21.7 % or more. Two of ten are, and the limit on how many may be out at
 * once, of which one more is let through, takes out one of them. Ejection by the percentage of failures
 * knows no such limit, but looks for more than its threshold: of 100 % there is no more.
 *
 * Counted are backends that got nothing in the measured phase, which begins when all has been decided.
 */
import { deviationsBelow } from './formulas.js';
import { WHY_NO_BALANCER } from './not-offered.js';
import { runProduct } from './product-run.js';
import { judge, notOffered, type Row } from './row.js';
import type { Truth, TruthContext } from './truth.js';

/** A50's default, in deviations. */
const DEVIATIONS = 1.9;
const INTERVAL_MS = 500;
/** Three intervals at least, and the first may have begun before the load. */
const WARM_UP_SECONDS = 1.9;
const SECONDS = 1.5;
const RATE_PER_SECOND = 600;
/** Of ten backends each gets 30 requests in an interval. */
const DETECTION = { intervalMs: INTERVAL_MS, hostsMin: 5, requestsMin: 15 };

export interface OutlierCase {
  readonly backends: number;
  readonly bad: number;
  /** Share of the calls on a bad one that fail. */
  readonly failing: number;
  /** Share of the backends that may be out, in per cent. */
  readonly cap: number;
  /** Of failures, in per cent; absent: by the success rate. */
  readonly threshold?: number;
}

/** How many backends are out in the end, as A50 has it. */
export function ejectedOf({ backends, bad, failing, cap, threshold }: OutlierCase): number {
  const isSeen =
    threshold === undefined
      ? deviationsBelow(backends, bad) > DEVIATIONS
      : failing * 100 > threshold;
  if (!isSeen) return 0;
  // One more is ejected while less than the cap is out.
  let out = 0;
  while (out < bad && (out * 100) / backends < cap) out++;
  return out;
}

const CASES: readonly OutlierCase[] = [
  { backends: 5, bad: 2, failing: 1, cap: 100 },
  { backends: 5, bad: 2, failing: 0.5, cap: 100 },
  { backends: 9, bad: 2, failing: 1, cap: 100 },
  { backends: 10, bad: 2, failing: 1, cap: 100 },
  { backends: 10, bad: 2, failing: 1, cap: 10 },
  { backends: 5, bad: 2, failing: 1, cap: 100, threshold: 85 },
  { backends: 5, bad: 2, failing: 1, cap: 100, threshold: 100 },
];

const seconds = (ms: number) => ({ seconds: Math.floor(ms / 1e3), nanos: (ms % 1e3) * 1e6 });

interface Detection {
  readonly intervalMs: number;
  readonly cap: number;
  readonly hostsMin: number;
  readonly requestsMin: number;
  readonly threshold?: number | undefined;
}

/** `outlier_detection` that ejects for good, around `round_robin`. */
export function outlierDetection(wanted: Detection): object {
  const { intervalMs, cap, hostsMin, requestsMin, threshold } = wanted;
  const common = {
    enforcement_percentage: 100,
    minimum_hosts: hostsMin,
    request_volume: requestsMin,
  };
  return {
    outlier_detection: {
      interval: seconds(intervalMs),
      base_ejection_time: seconds(300_000),
      max_ejection_time: seconds(300_000),
      max_ejection_percent: cap,
      ...(threshold === undefined
        ? { success_rate_ejection: { stdev_factor: DEVIATIONS * 1e3, ...common } }
        : { failure_percentage_ejection: { threshold, ...common } }),
      child_policy: [{ round_robin: {} }],
    },
  };
}

function titleOf({ backends, bad, failing, cap, threshold }: OutlierCase): string {
  const by = threshold === undefined ? `${DEVIATIONS} deviations` : `over ${threshold} %`;
  return `${bad} of ${backends} fail ${failing * 100} %, ${by}, cap ${cap} %`;
}

async function rowOf({ driver, seed }: TruthContext, one: OutlierCase): Promise<Row> {
  const { backends, bad, failing, cap, threshold } = one;
  const { phase } = await runProduct({
    driver,
    seed,
    seconds: SECONDS,
    warmUpSeconds: WARM_UP_SECONDS,
    arrivals: { constant: `${RATE_PER_SECOND}/s` },
    targets: { backends, server: 'wire' },
    client: { balancer: outlierDetection({ ...DETECTION, cap, threshold }) },
    faults: [
      {
        'rpc-abort': {
          code: 'INTERNAL',
          share: `${failing * 100}%`,
          backends: Array.from({ length: bad }, (_, index) => `b${index}`),
        },
      },
    ],
  });
  return judge({
    truth: titleOf(one),
    figure: 'backends ejected',
    subject: driver,
    unit: 'count',
    expected: ejectedOf(one),
    measured: phase.backends.filter(({ attempts }) => attempts === 0).length,
    spread: { standardError: 0 },
  });
}

export const outliers: Truth = {
  name: 'outliers',
  summary: 'Which bad backends success-rate ejection sees, and which it never can',
  async rows(context) {
    if (context.driver === 'wire') {
      return [notOffered('outlier detection', 'wire', WHY_NO_BALANCER)];
    }
    const rows: Row[] = [];
    for (const one of CASES) rows.push(await rowOf(context, one));
    return rows;
  },
};
