/**
 * `rpc-shed`: a backend that has enough to do refuses what comes beyond, at once and at no cost.
 *
 * The number is of the attempts that the fault looks at and that are open on the backend, whether in
 * service, in line or held by another fault; those from before its start count too.
 */
import { z } from 'zod';
import { statusCode } from '../base/status.js';
import { callFaultEnvelope, defineCallFault } from './fault.js';
import { ERROR_NAMES } from './rpc-abort.js';

export const rpcShed = defineCallFault({
  kind: 'rpc-shed',
  summary: 'Refuses calls beyond so many that a backend serves at once.',
  layers: ['interceptor', 'proxy'],
  exercises: 'retry throttling, backoff, load that follows the refusals',
  correctClient:
    'Retries at most as its policy and its throttling allow: each failure with a status that it ' +
    'would retry takes a token, and at half of the tokens or less it retries no more until calls ' +
    'succeed again (gRFC A6).',
  acts: 'call',
  schema: z.strictObject({
    ...callFaultEnvelope,
    /** So many are served at once, on each backend. */
    limit: z.int().min(1).max(1_000_000),
    /** What the others get. */
    code: z.enum(ERROR_NAMES).default('RESOURCE_EXHAUSTED'),
    /** The status message. */
    message: z.string().default('refused by rpc-shed'),
  }),
  effect: ({ code, message }) => ({
    effect: 'abort',
    code: statusCode(code),
    details: message,
    after: 'arrival',
    stage: 'trailers-only',
  }),
  spares: ({ limit }) => limit,
});
