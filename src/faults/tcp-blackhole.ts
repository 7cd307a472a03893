/** `tcp-blackhole`: connections stay open and silent, as when a network falls apart. */
import { z } from 'zod';
import { connectionFaultEnvelope, defineByteFault, direction } from './fault.js';

export const tcpBlackhole = defineByteFault({
  kind: 'tcp-blackhole',
  summary:
    'Lets nothing pass and tells nobody, not even of a close; new connections are as silent.',
  layers: ['proxy'],
  exercises: 'keepalive: without it nothing but deadlines helps',
  correctClient:
    'With keepalive it takes the connection for dead within keepalive time and timeout, ends its ' +
    'calls with UNAVAILABLE and connects again (gRFC A8). Without, calls wait for their deadlines, ' +
    'and those that have none for ever.',
  acts: 'bytes',
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    direction: direction().default('both'),
    /**
     * False: what was held comes at the end, as TCP sends it again after a partition. True: it is
     * lost, and a connection that lost octets stays silent, as behind a firewall that forgot it.
     */
    drop: z.boolean().default(false),
  }),
  effect: ({ direction, drop }) => ({ effect: 'blackhole', directions: direction, drops: drop }),
});
