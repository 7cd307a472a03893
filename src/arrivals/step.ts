import { z } from 'zod';
import { NS_PER_SECOND } from '../base/clock.js';
import { positiveDuration, rate } from '../base/units.js';
import { defineOpenArrival } from './arrival.js';

const stretch = z.strictObject({ rate: rate(), for: positiveDuration() });

/** Constant rates one after another; the last one stays. Calls are evenly spaced within each. */
export const step = defineOpenArrival({
  kind: 'step',
  loop: 'open',
  summary: 'Constant rates one after another, each for a time; the last one stays.',
  schema: z.array(stretch).min(1),
  peakRatePerSecond: (all) => Math.max(...all.map((one) => one.rate)),
  dueTimes(all) {
    let index = 0;
    let startNs = 0;
    let count = 0;
    return () => {
      for (;;) {
        const current = all[index];
        if (current === undefined) throw new Error('a list of steps is never empty');
        const offsetNs = (count * NS_PER_SECOND) / current.rate;
        const isLast = index === all.length - 1;
        if (isLast || offsetNs < current.for) {
          count++;
          return startNs + offsetNs;
        }
        startNs += current.for;
        index++;
        count = 0;
      }
    };
  },
});
