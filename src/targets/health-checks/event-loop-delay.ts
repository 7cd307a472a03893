/**
 * `event-loop-delay`: a server whose event loop does not come round in time is not well, whatever it
 * is that holds it up.
 *
 * A loop that is blocked cannot say so: clients hear of it when the block is over, and it then stays
 * NOT_SERVING for as long as `hold` says.
 */
import { z } from 'zod';
import { NS_PER_MS } from '../../base/clock.js';
import { formatDuration, positiveDuration } from '../../base/units.js';
import { defineHealthCheck, healthCheckEnvelope } from './health-check.js';
import { createHysteresis, type Thresholds } from './hysteresis.js';
import { lookOften } from './look-often.js';

const HOLD_NS_DEFAULT = 1e9;
/** Node's timers alone are up to a millisecond late. */
const ABOVE_NS_MIN = 5 * NS_PER_MS;

export const eventLoopDelay = defineHealthCheck({
  kind: 'event-loop-delay',
  summary: 'NOT_SERVING while timers of the server fire late.',
  schema: z
    .strictObject({
      ...healthCheckEnvelope,
      /** Not well from a timer on that is later than this. */
      above: positiveDuration().refine((ns) => !(ns < ABOVE_NS_MIN), {
        message: 'a delay of at least 5ms: timers alone are up to one late',
      }),
      /** Well again when none is later than this; half of `above` when absent. */
      below: positiveDuration().optional(),
      /** … for so long. */
      hold: positiveDuration().default(HOLD_NS_DEFAULT),
    })
    .transform(({ above, below = above / 2, hold, ...envelope }) => ({
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
    return lookOften(server, (nowNs, lateNs) => {
      if (isTooMuch(lateNs, nowNs)) {
        server.find('NOT_SERVING', `its event loop was ${formatDuration(lateNs)} late`);
      } else server.find('SERVING', 'its event loop is in time again');
    });
  },
});
