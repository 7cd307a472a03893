/** `tcp-latency`: octets take longer, each way or one way. */
import { z } from 'zod';
import { duration, positiveDuration } from '../base/units.js';
import { connectionFaultEnvelope, defineByteFault, direction } from './fault.js';

export const tcpLatency = defineByteFault({
  kind: 'tcp-latency',
  summary: 'Delays the octets of connections, with jitter and in order.',
  layers: ['proxy'],
  exercises: 'deadlines, hedging, keepalive timeouts, balancers that look at latency',
  correctClient:
    'Sees calls that take longer by what the delay adds to a round trip, and ends them with ' +
    'DEADLINE_EXCEEDED where that is beyond their deadline. The connection stays.',
  acts: 'bytes',
  schema: z
    .strictObject({
      ...connectionFaultEnvelope,
      /** Of each direction that it acts on: with `both`, a round trip takes twice as much longer. */
      delay: positiveDuration(),
      /** A delay is drawn evenly from `delay` ± this; no octet overtakes another. */
      jitter: duration().default(0),
      direction: direction().default('both'),
    })
    .refine(({ delay, jitter }) => !(jitter > delay), {
      message: 'a jitter above the delay would have octets come before they were sent',
      path: ['jitter'],
    }),
  effect: ({ delay, jitter, direction }) => ({
    effect: 'latency',
    directions: direction,
    delayNs: delay,
    jitterNs: jitter,
  }),
});
