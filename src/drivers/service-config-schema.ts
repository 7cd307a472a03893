/**
 * gRPC's service config (gRFC A2, A6) as scenarios write it, whole or in parts.
 *
 * Words and spelling are gRPC's; durations may be written `50ms` as well as `"0.05s"`, and go out as grpc-js
 * reads them right. What it would read and not do is no key here.
 */
import { z } from 'zod';
import { STATUS_NAMES } from '../base/status.js';
import { duration, positiveDuration } from '../base/units.js';
import { writtenPolicy } from './client-policy.js';
import { serviceConfigDuration } from './config-duration.js';

const configDuration = () => duration().transform(serviceConfigDuration);
const positiveConfigDuration = () => positiveDuration().transform(serviceConfigDuration);

/** Any code may be listed: grpc-js accepts even OK. What makes no sense is refused here. */
const failureCode = z
  .enum(STATUS_NAMES, { error: 'expected the name of a gRPC status code, such as UNAVAILABLE' })
  .refine((name) => name !== 'OK', { message: 'OK is not a failure' });

const maxAttempts = z.int().min(2, 'a policy makes at least 2 attempts; leave it out for 1');

/** gRFC A6 */
export const retryPolicy = z.strictObject({
  maxAttempts,
  initialBackoff: positiveConfigDuration(),
  maxBackoff: positiveConfigDuration(),
  backoffMultiplier: z.number().positive(),
  retryableStatusCodes: z.array(failureCode).min(1),
});

/** gRFC A6 */
export const hedgingPolicy = z.strictObject({
  maxAttempts,
  hedgingDelay: configDuration().optional(),
  nonFatalStatusCodes: z.array(failureCode).optional(),
});

/** gRFC A6 */
export const retryThrottling = z.strictObject({
  maxTokens: z.number().positive().max(1000),
  tokenRatio: z.number().positive(),
});

const methodConfig = z
  .strictObject({
    name: z.array(
      z.strictObject({ service: z.string().optional(), method: z.string().optional() }),
    ),
    /** grpc-js reads it and does nothing; here it is done (`wait-for-ready.ts`). */
    waitForReady: z.boolean().optional(),
    timeout: positiveConfigDuration().optional(),
    retryPolicy: retryPolicy.optional(),
    hedgingPolicy: hedgingPolicy.optional(),
  })
  .refine((config) => !(config.retryPolicy && config.hedgingPolicy), {
    message: 'a method has a retryPolicy or a hedgingPolicy, not both',
    path: ['hedgingPolicy'],
    params: { hint: 'leave one of them' },
  });

/** gRFC A2 */
export const serviceConfig = z.strictObject({
  loadBalancingConfig: z.array(writtenPolicy).min(1).optional(),
  healthCheckConfig: z.strictObject({ serviceName: z.string() }).optional(),
  methodConfig: z.array(methodConfig).optional(),
  retryThrottling: retryThrottling.optional(),
});
