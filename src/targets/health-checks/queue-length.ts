/** `queue-length`: a server with too many requests in its line asks to be left alone. */
import { z } from 'zod';
import { positiveDuration } from '../../base/units.js';
import { defineHealthCheck, healthCheckEnvelope } from './health-check.js';
import { createHysteresis, type Thresholds } from './hysteresis.js';
import { lookOften } from './look-often.js';

const HOLD_NS_DEFAULT = 200e6;

export const queueLength = defineHealthCheck({
  kind: 'queue-length',
  summary: 'NOT_SERVING while too many requests wait for a slot.',
  schema: z
    .strictObject({
      ...healthCheckEnvelope,
      /** Not well when more than so many wait. */
      above: z.int().min(0),
      /** Well again when at most so many do; half of `above` when absent. */
      below: z.int().min(0).optional(),
      /** … for so long. */
      hold: positiveDuration().default(HOLD_NS_DEFAULT),
    })
    .transform(({ above, below = Math.floor(above / 2), hold, ...envelope }) => ({
      ...envelope,
      above,
      below,
      holdNs: hold,
    }))
    .refine(({ above, below }) => below <= above, {
      message: 'below is at most what above says',
      path: ['below'],
    }),
  initial: 'SERVING',
  start(thresholds: Thresholds, server) {
    const isTooMuch = createHysteresis(thresholds);
    return lookOften(server, (nowNs) => {
      const waiting = server.waiting();
      const finding = isTooMuch(waiting, nowNs) ? 'NOT_SERVING' : 'SERVING';
      server.find(finding, `${waiting} requests wait`);
    });
  },
});
