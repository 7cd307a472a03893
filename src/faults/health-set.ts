/** `health-set`: the health service answers another status for as long as the fault lasts. */
import { z } from 'zod';
import { SERVING_STATUSES } from '../base/serving-status.js';
import { defineHostFault, faultEnvelope } from './fault.js';

export const healthSet = defineHostFault({
  kind: 'health-set',
  summary: 'Sets what the health service says of a service.',
  layers: ['interceptor', 'proxy'],
  exercises: 'client-side health checking',
  correctClient:
    'Takes the backend out of its picks while it is not SERVING, keeps the connection and the ' +
    'calls in flight, and is back on it at once afterwards (gRFC A17).',
  acts: 'host',
  schema: z.strictObject({
    ...faultEnvelope,
    /** Name of the service, or `service/method`; empty for the whole server. */
    service: z.string().default(''),
    status: z.enum(SERVING_STATUSES),
  }),
  claims: ({ service, status }) => ({ of: 'health', name: service, as: status }),
  start(options, host) {
    return host.overrideHealth(options.service, options.status);
  },
});
