import { z } from 'zod';
import { NS_PER_SECOND } from '../base/clock.js';
import { positiveDuration } from '../base/units.js';
import { defineOpenArrival } from './arrival.js';

/** So many calls at once, again and again: what a cron job or a cache that expires makes. */
export const burst = defineOpenArrival({
  kind: 'burst',
  loop: 'open',
  summary: 'So many calls due at the same moment, again and again, with nothing in between.',
  schema: z.strictObject({ size: z.int().min(1).max(1_000_000), every: positiveDuration() }),
  peakRatePerSecond: ({ size, every }) => (size * NS_PER_SECOND) / every,
  dueTimes({ size, every }) {
    let count = 0;
    return () => Math.floor(count++ / size) * every;
  },
});
