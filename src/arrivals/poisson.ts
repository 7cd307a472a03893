import { NS_PER_SECOND } from '../base/clock.js';
import { exponential } from '../base/rng.js';
import { rate } from '../base/units.js';
import { defineOpenArrival } from './arrival.js';

/**
 * Independent arrivals, as of many users who do not know of each other: gaps are exponential with
 * mean 1/rate, so bursts and lulls come by themselves.
 */
export const poisson = defineOpenArrival({
  kind: 'poisson',
  loop: 'open',
  summary: 'Independent arrivals at a mean rate, bursts and lulls included, as real users make.',
  schema: rate(),
  peakRatePerSecond: (ratePerSecond: number) => ratePerSecond,
  dueTimes(ratePerSecond: number, rng) {
    let dueNs = 0;
    return () => {
      dueNs += (exponential(rng) * NS_PER_SECOND) / ratePerSecond;
      return dueNs;
    };
  },
});
