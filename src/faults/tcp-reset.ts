/** `tcp-reset`: connections are cut with a RST, whatever is on them, also when they are idle. */
import { z } from 'zod';
import { duration } from '../base/units.js';
import { connectionFaultEnvelope, defineByteFault } from './fault.js';

export const tcpReset = defineByteFault({
  kind: 'tcp-reset',
  summary: 'Resets connections, idle ones too, and new ones for as long as it lasts.',
  layers: ['proxy'],
  exercises: 'the loss of connections with calls on them, retries, reconnection and its backoff',
  correctClient:
    'Ends calls in flight with UNAVAILABLE, retries those that its policy lists, and connects again; ' +
    'while new connections are reset too, with growing pauses.',
  acts: 'bytes',
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    /** From the fault's beginning, or from the beginning of a connection that is made later. */
    after: duration().default(0),
  }),
  effect: ({ after }) => ({ effect: 'reset', afterNs: after }),
});
