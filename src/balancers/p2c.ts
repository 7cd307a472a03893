/**
 * `p2c`: the power of two choices. Of two different endpoints the one with fewer attempts in flight
 * takes the next. Two choices do most of what looking at all would, and clients that know nothing of
 * each other do not all run to the same idle endpoint (Mitzenmacher, "The Power of Two Choices in
 * Randomized Load Balancing", 2001).
 *
 * `least_request` with two choices may draw the same endpoint twice; with few endpoints that shows.
 */
import { z } from 'zod';
import { defineBalancer, type Endpoint } from './balancer.js';
import { cheaperOfTwo } from './two-choices.js';

const inFlight = (endpoint: Endpoint) => endpoint.inFlight;

export const p2c = defineBalancer({
  kind: 'p2c',
  summary: 'The less busy of two different endpoints drawn at random.',
  schema: z.strictObject({}),
  sees: () => ['in-flight'],
  create: (_options, context) => ({
    pick: ({ ready }) => cheaperOfTwo(ready, context.random, inFlight),
  }),
});
