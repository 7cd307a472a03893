/**
 * `random`: each attempt goes to an endpoint drawn uniformly. It knows nothing and shares nothing,
 * so many clients of it do not move in step; what it costs is the unevenness of chance.
 */
import { z } from 'zod';
import { defineBalancer, oneOf } from './balancer.js';

export const random = defineBalancer({
  kind: 'random',
  summary: 'Any ready endpoint, all as likely.',
  schema: z.strictObject({}),
  sees: () => [],
  create: (_options, context) => ({
    pick: ({ ready }) => oneOf(ready, context.random),
  }),
});
