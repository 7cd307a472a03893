/** `h2-truncate`: the stream of an answer ends in the middle of a message. */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const h2Truncate = defineCallFault({
  kind: 'h2-truncate',
  summary: 'Ends the stream of an answer within a message, without trailers.',
  layers: ['proxy'],
  exercises: 'decoding: that half a message is never taken for a whole one',
  correctClient:
    'Ends the call with INTERNAL or UNKNOWN, gives no part of the message to the application, and ' +
    'does not retry: the response headers came, so it is committed (gRFC A6).',
  acts: 'call',
  schema: z.strictObject({
    ...callFaultEnvelope,
    /** The message that is cut, counted from 1; an answer with fewer stays as it is. */
    message: z.int().min(1).max(1_000_000).default(1),
  }),
  effect: ({ message }) => ({ effect: 'truncate', message }),
});
