/** `tcp-refuse`: nobody listens on the port. */
import { z } from 'zod';
import { defineByteFault, faultEnvelope } from './fault.js';

export const tcpRefuse = defineByteFault({
  kind: 'tcp-refuse',
  summary: 'Refuses new connections; those that are there go on.',
  layers: ['proxy'],
  exercises: 'connecting: the next address, backoff, failing fast',
  correctClient:
    'Tries its other addresses, then again with pauses that grow from 1 s by 1.6 to 120 s; calls ' +
    'that do not wait for ready fail with UNAVAILABLE meanwhile (gRFC A61, A62).',
  acts: 'bytes',
  schema: z.strictObject({ ...faultEnvelope }),
  effect: () => ({ effect: 'refuse' }),
});
