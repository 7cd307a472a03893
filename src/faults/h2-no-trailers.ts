/** `h2-no-trailers`: an answer ends without trailers, and so without a status. */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const h2NoTrailers = defineCallFault({
  kind: 'h2-no-trailers',
  summary: 'Ends answers without their trailers: all messages come, and no status.',
  layers: ['proxy'],
  exercises: 'the status that a client makes up when none comes',
  correctClient:
    'Never takes it for OK: UNKNOWN or INTERNAL (the gRPC documentation, doc/PROTOCOL-HTTP2.md: a ' +
    'response ends with Trailers).',
  acts: 'call',
  schema: z.strictObject({ ...callFaultEnvelope }),
  effect: () => ({ effect: 'no-trailers' }),
});
