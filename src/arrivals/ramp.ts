import { z } from 'zod';
import { NS_PER_SECOND } from '../base/clock.js';
import { positiveDuration, rate } from '../base/units.js';
import { defineOpenArrival } from './arrival.js';

/**
 * A rate that changes in a straight line, and stays at its end.
 *
 *     rate ▲            ┌─────────  to
 *          │        ／
 *     from │────／
 *          └────────────┬────────► time
 *                      over
 *
 * By time t, N(t) = from·t + (to − from)·t²/(2·over) calls are due; call i is due at the t at which
 * N(t) = i, so the calls are evenly spread under the line and no rounding adds up.
 */
export const ramp = defineOpenArrival({
  kind: 'ramp',
  loop: 'open',
  summary: 'A rate that rises or falls in a straight line over a time, and then stays.',
  schema: z.strictObject({ from: rate(), to: rate(), over: positiveDuration() }),
  peakRatePerSecond: ({ from, to }) => Math.max(from, to),
  dueTimes({ from, to, over }) {
    const overSeconds = over / NS_PER_SECOND;
    const slope = (to - from) / overSeconds;
    const duringRamp = from * overSeconds + (slope * overSeconds ** 2) / 2;
    let count = 0;
    return () => {
      const call = count++;
      if (call >= duringRamp) return over + ((call - duringRamp) / to) * NS_PER_SECOND;
      // The root of (slope/2)·t² + from·t − call = 0 in the form that does not cancel for a slope near 0.
      const root = Math.sqrt(from ** 2 + 2 * slope * call);
      return ((2 * call) / (from + root)) * NS_PER_SECOND;
    };
  },
});
