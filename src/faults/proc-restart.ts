/** `proc-restart`: the backend's process is ended without grace and started again at once. */
import { z } from 'zod';
import { defineProcessFault, faultEnvelope } from './fault.js';

export const procRestart = defineProcessFault({
  kind: 'proc-restart',
  summary: 'Ends the process, calls and all, and starts it again at once on its port.',
  layers: ['process'],
  exercises: 'reconnection, and the backoff after the first attempt that is refused',
  correctClient:
    'Ends calls in flight with an error, and is back on the backend soon after it listens again.',
  acts: 'process',
  schema: z.strictObject({ ...faultEnvelope }),
  start(_options, host) {
    host.stop(0);
    host.start();
    return () => {};
  },
});
