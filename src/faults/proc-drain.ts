/**
 * `proc-drain`: the backend is taken away as a rolling update does it, and comes back when the fault
 * ends.
 *
 *   serving ──► draining: GOAWAY, no new connections ──► stopped ──► serving, when the fault ends
 *                    └─ until its calls have ended, for the grace at most ─┘
 */
import { z } from 'zod';
import { duration } from '../base/units.js';
import { defineProcessFault, faultEnvelope } from './fault.js';

export const procDrain = defineProcessFault({
  kind: 'proc-drain',
  summary: 'Takes the backend away in order, with a grace for its calls, and starts it again.',
  layers: ['process'],
  exercises: 'GOAWAY, transparent retries, the move to other backends',
  correctClient:
    'Lets calls in flight end, repeats those above the last stream of the GOAWAY elsewhere, and ' +
    'loses none as long as the grace is enough.',
  acts: 'process',
  schema: z.strictObject({
    ...faultEnvelope,
    /** How long calls may take to end; with 0s they are cut off at once. */
    grace: duration(),
  }),
  start({ grace }, host) {
    host.stop(grace);
    return () => host.start();
  },
});
