/** `proc-crash`: the backend's process is killed, and comes back when the fault ends, or never. */
import { z } from 'zod';
import { defineProcessFault, faultEnvelope } from './fault.js';

export const procCrash = defineProcessFault({
  kind: 'proc-crash',
  summary: "Kills the backend's process; it comes back on its port when the fault ends.",
  layers: ['process'],
  exercises: 'the loss of connections with calls on them, reconnection and its backoff, retries',
  correctClient:
    'Ends calls in flight with UNAVAILABLE, retries those that its policy lists, sends new ones to ' +
    'other backends, and connects again with growing pauses.',
  acts: 'process',
  silences: true,
  schema: z.strictObject({
    ...faultEnvelope,
    /** Whether it is started again at the end. */
    comesBack: z.boolean().default(true),
  }),
  start({ comesBack }, host) {
    host.crash();
    return () => {
      if (comesBack) host.start();
    };
  },
});
