/** `h2-connection-stall`: a reader that gives its writer no window of the connection any more. */
import { z } from 'zod';
import { actIn } from './act-in.js';
import { connectionFaultEnvelope, defineConnectionFault, direction } from './fault.js';

export const h2ConnectionStall = defineConnectionFault({
  kind: 'h2-connection-stall',
  summary: 'Gives a connection no window any more: all its streams stall, until the fault is over.',
  layers: ['proxy'],
  exercises: 'head-of-line blocking, backpressure over many streams, more than one connection',
  correctClient:
    'Stops writing on all streams when the window is used up, with bounded memory; deadlines end the ' +
    'calls. Calls on other connections are not disturbed (RFC 9113 §5.2).',
  acts: 'connection',
  hitsNew: true,
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    /** `up`: the client cannot send; `down`: the server. */
    direction: direction().default('up'),
  }),
  start: (options, connection) => actIn(options.direction, (way) => connection.stallWindow(way)),
});
