/**
 * `peak_ewma`: of two different endpoints the one that is expected to answer sooner takes the next
 * attempt: its usual latency times the attempts that would then be in flight.
 *
 * The usual latency is an exponentially weighted moving average over time that rises at once and
 * falls slowly: an attempt that took longer than it sets it to what it took, any other pulls it down
 * by how long ago the last one was. The form is that of Finagle's `p2cPeakEwma` balancer.
 *
 *     average ← took                                  took > average
 *     average ← took + (average − took)·e^(−Δt/decay)  else
 *
 * An endpoint without a latency yet is tried once, and no more until it has answered. All ends count,
 * failures too: a backend that fails fast looks fast, and draws load (see `outlier_detection`).
 */
import { z } from 'zod';
import { positiveDuration } from '../base/units.js';
import { defineBalancer, type Endpoint } from './balancer.js';
import { cheaperOfTwo } from './two-choices.js';

/** In place of the latency of an endpoint that owes its first answer: above any that is real. */
const UNKNOWN_NS = 1e15;

interface Average {
  ns: number;
  atNs: number;
}

export const peakEwma = defineBalancer({
  kind: 'peak_ewma',
  summary: 'Of two, the one with the lower recent latency times attempts in flight; quick to flee.',
  schema: z.strictObject({
    /** How long it takes to forget: after it, an old peak weighs 1/e. */
    decay: positiveDuration().default(10e9),
  }),
  sees: () => ['in-flight', 'latency'],
  create({ decay: decayNs }, { random }) {
    const averages = new WeakMap<Endpoint, Average>();
    const cost = (endpoint: Endpoint) => {
      const average = averages.get(endpoint);
      if (average !== undefined) return average.ns * (endpoint.inFlight + 1);
      return endpoint.inFlight === 0 ? 0 : UNKNOWN_NS * endpoint.inFlight;
    };
    return {
      pick: ({ ready }) => cheaperOfTwo(ready, random, cost),
      ended(endpoint, durationNs, nowNs) {
        const average = averages.get(endpoint);
        if (average === undefined) {
          averages.set(endpoint, { ns: durationNs, atNs: nowNs });
          return;
        }
        const weight = Math.exp(-Math.max(0, nowNs - average.atNs) / decayNs);
        average.ns =
          durationNs > average.ns ? durationNs : durationNs + (average.ns - durationNs) * weight;
        average.atNs = nowNs;
      },
    };
  },
});
