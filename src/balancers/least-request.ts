/**
 * `least_request`: a few endpoints are drawn, with replacement, and the one with the fewest attempts
 * in flight takes the next; of equals the first that was drawn. As gRFC A48 and Envoy's least request
 * balancer have it for endpoints of equal weight, with their default of two choices.
 */
import { z } from 'zod';
import { defineBalancer, type Endpoint, oneOf } from './balancer.js';

/** gRFC A48: fewer than 2 is no choice; more than 10 it takes for 10, which here is refused. */
const CHOICES_MIN = 2;
const CHOICES_MAX = 10;

export const leastRequest = defineBalancer({
  kind: 'least_request',
  summary:
    'Draws a few endpoints (choiceCount, 2 when absent) and takes the least busy (gRFC A48).',
  schema: z.strictObject({ choiceCount: z.int().min(CHOICES_MIN).max(CHOICES_MAX).default(2) }),
  sees: () => ['in-flight'],
  create: ({ choiceCount }, context) => ({
    pick<E extends Endpoint>({ ready }: { readonly ready: readonly E[] }): E {
      let best = oneOf(ready, context.random);
      for (let drawn = 1; drawn < choiceCount; drawn++) {
        const other = oneOf(ready, context.random);
        if (other.inFlight < best.inFlight) best = other;
      }
      return best;
    },
  }),
});
