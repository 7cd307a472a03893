/** `tcp-bandwidth`: a connection carries no more than so many octets in a time. */
import { z } from 'zod';
import { byteRate } from '../base/units.js';
import { connectionFaultEnvelope, defineByteFault, direction } from './fault.js';

export const tcpBandwidth = defineByteFault({
  kind: 'tcp-bandwidth',
  summary: 'Lets each connection carry no more than so many octets per second.',
  layers: ['proxy'],
  exercises: 'deadlines of large messages, backpressure on whoever sends, head-of-line blocking',
  correctClient:
    'Sends no faster than the connection takes it and buffers within its windows; small calls wait ' +
    'behind large ones on the same connection, and deadlines hold.',
  acts: 'bytes',
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    /** Of each connection and direction. */
    rate: byteRate(),
    direction: direction().default('both'),
  }),
  effect: ({ rate, direction }) => ({
    effect: 'bandwidth',
    directions: direction,
    bytesPerSecond: rate,
  }),
});
