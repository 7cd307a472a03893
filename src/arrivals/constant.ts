import { NS_PER_SECOND } from '../base/clock.js';
import { rate } from '../base/units.js';
import { defineOpenArrival } from './arrival.js';

/** One call every 1/rate seconds, the first at time zero. */
export const constant = defineOpenArrival({
  kind: 'constant',
  loop: 'open',
  summary: 'Evenly spaced, whatever the replies do: one call every 1/rate seconds.',
  schema: rate(),
  peakRatePerSecond: (ratePerSecond: number) => ratePerSecond,
  dueTimes(ratePerSecond: number) {
    let count = 0;
    // Multiplying keeps the rate exact for ever; adding a rounded gap would drift.
    return () => (count++ * NS_PER_SECOND) / ratePerSecond;
  },
});
