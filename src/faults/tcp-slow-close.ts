/** `tcp-slow-close`: the end of a connection is not noticed before a while. */
import { z } from 'zod';
import { positiveDuration } from '../base/units.js';
import { connectionFaultEnvelope, defineByteFault, direction } from './fault.js';

export const tcpSlowClose = defineByteFault({
  kind: 'tcp-slow-close',
  summary: 'Lets the end of a connection reach the other side only after a while.',
  layers: ['proxy'],
  exercises: 'draining, clients and servers that wait for the other to close',
  correctClient:
    'Goes by GOAWAY and not by the end of the connection: it sends new calls elsewhere at once, and ' +
    'none is lost on a connection that is closed already.',
  acts: 'bytes',
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    delay: positiveDuration(),
    direction: direction().default('both'),
  }),
  effect: ({ delay, direction }) => ({
    effect: 'slow-close',
    directions: direction,
    delayNs: delay,
  }),
});
