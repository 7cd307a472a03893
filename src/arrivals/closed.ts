import { z } from 'zod';
import { defineClosedArrival } from './arrival.js';

/** A fixed number of callers, each waiting for its reply before it calls again. */
export const closed = defineClosedArrival({
  kind: 'closed',
  loop: 'closed',
  summary:
    'So many calls always open: the next one starts when one ends. Slows down with the server.',
  schema: z.int().min(1).max(1_000_000),
  inFlight: (calls: number) => calls,
});
