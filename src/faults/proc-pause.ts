/**
 * `proc-pause`: the backend's process is stopped (SIGSTOP) and goes on when the fault ends (SIGCONT).
 * Its kernel goes on for it: connections are accepted and what is sent is acknowledged, and nobody
 * answers.
 */
import { z } from 'zod';
import { defineProcessFault, faultEnvelope } from './fault.js';

export const procPause = defineProcessFault({
  kind: 'proc-pause',
  summary: 'Stops the process in its tracks, its connections open, until the fault ends.',
  layers: ['process'],
  exercises: 'deadlines, and keepalive: a connection that is open and silent',
  correctClient:
    'Ends calls with DEADLINE_EXCEEDED, or sooner with UNAVAILABLE once a keepalive ping was not ' +
    'answered in time (gRFC A8); without both it waits for the end of the pause.',
  acts: 'process',
  silences: true,
  schema: z.strictObject({ ...faultEnvelope }),
  start(_options, host) {
    host.pause();
    return () => host.resume();
  },
});
