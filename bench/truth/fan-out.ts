/**
 * Fan-out: a request that asks k backends and waits for the slowest is fast only if all are, F(t)^k.
 * The k parts are a burst of calls due at the same moment; a request is slow when one of them is.
 */
import { NS_PER_MS } from '../../src/base/clock.js';
import { drawCalls } from './drawn-calls.js';
import { wilson } from './interval.js';
import { judge } from './row.js';
import { timeCalls } from './timed-calls.js';
import type { Truth } from './truth.js';

const PARTS = 20;
const EVERY_MS = 60;
const SECONDS = 9;
const FAST_MS = 5;
const SLOW_MS = 150;
const SLOW_SHARE = 0.05;
/** What lies between the two, well away from both. */
const IS_SLOW_MS = 75;

/** Share of the bursts of which every call took no longer. */
function allFast(latencyNs: Float64Array): { fast: number; bursts: number } {
  const bursts = Math.floor(latencyNs.length / PARTS);
  let fast = 0;
  for (let burst = 0; burst < bursts; burst++) {
    const parts = latencyNs.subarray(burst * PARTS, (burst + 1) * PARTS);
    if (parts.every((ns) => ns < IS_SLOW_MS * NS_PER_MS)) fast++;
  }
  return { fast, bursts };
}

export const fanOut: Truth = {
  name: 'fan-out',
  summary: `Requests of ${PARTS} parallel calls: the share of which all are fast`,
  async rows({ driver, seed, scale }) {
    const load = {
      seed,
      name: 'say',
      arrivals: { kind: 'burst', options: { size: PARTS, every: EVERY_MS * NS_PER_MS } },
      durationNs: SECONDS * scale * 1e9,
    };
    const serviceTime = {
      kind: 'bimodal',
      fastNs: FAST_MS * NS_PER_MS,
      slowNs: SLOW_MS * NS_PER_MS,
      slowShare: SLOW_SHARE,
    } as const;
    const capacity = { slots: 10_000, queue: 0, serviceTime } as const;
    const { calls } = await timeCalls({ ...load, driver, server: 'wire', capacity });
    const { fast, bursts } = allFast(calls.endNs.map((endNs, i) => endNs - (calls.dueNs[i] ?? 0)));
    const drawn = allFast(drawCalls({ ...load, serviceTime }).serviceNs);
    return [
      judge({
        truth: `fan-out of ${PARTS}, ${SLOW_SHARE * 100} % slow`,
        figure: 'share all fast',
        subject: driver,
        unit: 'share',
        expected: (1 - SLOW_SHARE) ** PARTS,
        measured: fast / bursts,
        spread: wilson(fast, bursts),
        model: drawn.fast / drawn.bursts,
        // A stall of the whole machine may make one fast burst slow.
        loose: 2 / bursts,
      }),
    ];
  },
};
