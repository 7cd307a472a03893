/** `tcp-close-after`: a connection ends, in order, when it has carried so many octets. */
import { z } from 'zod';
import { size } from '../base/units.js';
import { connectionFaultEnvelope, defineByteFault, direction } from './fault.js';

export const tcpCloseAfter = defineByteFault({
  kind: 'tcp-close-after',
  summary: 'Closes connections when they have carried so many octets, be it within a frame.',
  layers: ['proxy'],
  exercises: 'frames and messages that are cut off, retries, reconnection',
  correctClient:
    'Takes nothing that was cut off for whole: calls in flight end with UNAVAILABLE. It retries ' +
    'those that its policy lists and that got no response headers yet, and connects again.',
  acts: 'bytes',
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    /** Octets from the fault's beginning on; with `both`, of either direction. */
    bytes: size(),
    direction: direction().default('down'),
  }),
  effect: ({ bytes, direction }) => ({ effect: 'close-after', directions: direction, bytes }),
});
