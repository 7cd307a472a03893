/** `tcp-accept-stall`: connections are made and nobody serves them, as when a server hangs. */
import { z } from 'zod';
import { connectionFaultEnvelope, defineByteFault } from './fault.js';

export const tcpAcceptStall = defineByteFault({
  kind: 'tcp-accept-stall',
  summary: 'Lets new connections open, and serves them only when it ends.',
  layers: ['proxy'],
  exercises: 'the limit on connecting, the next address, deadlines of calls that wait for it',
  correctClient:
    'Is not connected before the SETTINGS come: it gives up after its connection timeout (20 s by ' +
    'default), and tries another address 250 ms after the first where it has one (gRFC A61). Calls ' +
    'that wait for a connection end with DEADLINE_EXCEEDED.',
  acts: 'bytes',
  schema: z.strictObject({ ...connectionFaultEnvelope }),
  effect: () => ({ effect: 'accept-stall' }),
});
