/** `h2-window-stall`: a reader that gives its writer no window any more, on streams one by one. */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const h2WindowStall = defineCallFault({
  kind: 'h2-window-stall',
  summary: 'Gives a stream no window any more in one direction, until the fault is over.',
  layers: ['proxy'],
  exercises: 'backpressure: bounded memory, a signal that nothing can be written, deadlines',
  correctClient:
    'Stops writing when the window is used up, keeps what waits within a bound and says that it ' +
    'cannot write; its deadline still ends the call. Other streams of the connection are not ' +
    'disturbed (RFC 9113 §5.2).',
  acts: 'call',
  hitsOpen: true,
  schema: z.strictObject({
    ...callFaultEnvelope,
    /** `up`: the client gets no window and cannot send; `down`: the server. */
    direction: z.enum(['up', 'down']).default('up'),
  }),
  effect: ({ direction }) => ({ effect: 'stall', direction }),
});
