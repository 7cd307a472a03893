/**
 * The keys of `client:`, and what each may be; for others that are clients, too. What contradicts each other in
 * it says `client-contradictions.ts`, what becomes of it `client-schema.ts`.
 */
import { z } from 'zod';
import { channelArguments } from '../base/channel-arguments.js';
import { positiveDuration, windowSize } from '../base/units.js';
import { chainSchema } from '../interceptors/chain-schema.js';
import { writtenPolicy } from './client-policy.js';
import { connectBackoffSchema } from './connect-backoff-schema.js';
import { keepaliveSchema } from './keepalive-schema.js';
import { messageKeys } from './message-schema.js';
import {
  hedgingPolicy,
  retryPolicy,
  retryThrottling,
  serviceConfig,
} from './service-config-schema.js';
import { clientTlsSchema } from './tls-schema.js';
import { watchHealthSchema } from './watch-health-schema.js';

export const clientShape = z.strictObject({
  driver: z.enum(['grpc-js', 'wire']).default('grpc-js'),
  deadline: positiveDuration().optional(),
  channels: z.int().min(1).max(1000).default(1),
  /** Of each channel to each address. */
  connections: z.int().min(1).max(1000).default(1),
  /** What the server may send on a stream before it is read. */
  streamWindow: windowSize().optional(),
  balancer: writtenPolicy.optional(),
  retryPolicy: retryPolicy.optional(),
  hedgingPolicy: hedgingPolicy.optional(),
  retryThrottling: retryThrottling.optional(),
  serviceConfig: serviceConfig.optional(),
  /** Goes to grpc-js word by word: neither checked nor mended. */
  rawServiceConfig: z.record(z.string(), z.unknown()).optional(),
  /** Calls without a connection wait for one, up to their deadline, and do not fail at once. */
  waitForReady: z.boolean().optional(),
  connectBackoff: connectBackoffSchema.optional(),
  interceptors: chainSchema.optional(),
  ...messageKeys,
  tls: clientTlsSchema.optional(),
  keepalive: keepaliveSchema.optional(),
  watchHealth: watchHealthSchema,
  options: channelArguments.default({}),
});

export type Client = z.output<typeof clientShape>;
