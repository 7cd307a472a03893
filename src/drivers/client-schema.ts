/**
 * The `client:` part of a scenario, and how it becomes a gRPC service config.
 *
 * The service config can be given whole and verbatim (`serviceConfig:`), or by its parts
 * (`retryPolicy:`, `hedgingPolicy:`, `retryThrottling:`, `balancer:`), which then apply to every
 * method. Words and spelling are gRPC's; durations may be written `50ms` as well as `"0.05s"`.
 */
import { z } from 'zod';
import { NS_PER_SECOND } from '../base/clock.js';
import { STATUS_NAMES } from '../base/status.js';
import { duration, positiveDuration, windowSize } from '../base/units.js';
import { type ChainItem, chainSchema } from '../interceptors/chain-schema.js';
import { clientPolicyMistakes, clientPolicyOf, writtenPolicy } from './client-policy.js';
import { observed } from './grpc-js/attempt-balancer.js';
import { KEEPALIVE_OPTIONS, keepaliveSchema } from './keepalive-schema.js';
import { messageKeys, messageSpec, OPTION_OF_KEY } from './message-schema.js';
import type { ClientSpec } from './spec.js';
import { clientTlsSchema } from './tls-schema.js';
import { watchHealthSchema } from './watch-health-schema.js';
import { BACKOFF_OPTIONS } from './wire/connection-backoff.js';

/**
 * grpc-js reads the fraction of a timeout's seconds as a number of nanoseconds, so "0.5s" would be
 * 5 ns; with all nine decimals written out it reads them right.
 */
function serviceConfigDuration(ns: number): string {
  return `${(ns / NS_PER_SECOND).toFixed(9)}s`;
}

const configDuration = () => duration().transform(serviceConfigDuration);
const positiveConfigDuration = () => positiveDuration().transform(serviceConfigDuration);

/** Any code may be listed: grpc-js accepts even OK. What makes no sense is refused here. */
const failureCode = z
  .enum(STATUS_NAMES, { error: 'expected the name of a gRPC status code, such as UNAVAILABLE' })
  .refine((name) => name !== 'OK', { message: 'OK is not a failure' });

/** grpc-js caps attempts at 5 and says nothing, unless this channel option raises the cap. */
const ATTEMPTS_LIMIT_OPTION = 'grpc-node.retry_max_attempts_limit';
const ATTEMPTS_LIMIT = 5;

const maxAttempts = z.int().min(2, 'a policy makes at least 2 attempts; leave it out for 1');

/** gRFC A6 */
const retryPolicy = z.strictObject({
  maxAttempts,
  initialBackoff: positiveConfigDuration(),
  maxBackoff: positiveConfigDuration(),
  backoffMultiplier: z.number().positive(),
  retryableStatusCodes: z.array(failureCode).min(1),
});

/** gRFC A6 */
const hedgingPolicy = z.strictObject({
  maxAttempts,
  hedgingDelay: configDuration().optional(),
  nonFatalStatusCodes: z.array(failureCode).optional(),
});

/** gRFC A6 */
const retryThrottling = z.strictObject({
  maxTokens: z.number().positive().max(1000),
  tokenRatio: z.number().positive(),
});

const methodConfig = z
  .strictObject({
    name: z.array(
      z.strictObject({ service: z.string().optional(), method: z.string().optional() }),
    ),
    timeout: positiveConfigDuration().optional(),
    retryPolicy: retryPolicy.optional(),
    hedgingPolicy: hedgingPolicy.optional(),
  })
  .refine((config) => !(config.retryPolicy && config.hedgingPolicy), {
    message: 'a method has a retryPolicy or a hedgingPolicy, not both',
    path: ['hedgingPolicy'],
  });

/** gRFC A2 */
const serviceConfig = z.strictObject({
  loadBalancingConfig: z.array(writtenPolicy).min(1).optional(),
  healthCheckConfig: z.strictObject({ serviceName: z.string() }).optional(),
  methodConfig: z.array(methodConfig).optional(),
  retryThrottling: retryThrottling.optional(),
});

/** Its keys, for others that are clients too. */
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
  interceptors: chainSchema.optional(),
  ...messageKeys,
  tls: clientTlsSchema.optional(),
  keepalive: keepaliveSchema.optional(),
  watchHealth: watchHealthSchema,
  options: z
    .record(
      z.string().regex(/^grpc[\w.-]*\./, 'a channel argument begins with "grpc." or "grpc-node."'),
      z.union([z.string(), z.number()]),
    )
    .default({}),
});

type Client = z.output<typeof clientShape>;

/** A client whose chain is not put together yet: it may use chains that stand elsewhere. */
export type WrittenClient = Omit<ClientSpec, 'interceptors'> & {
  readonly chain?: readonly ChainItem[];
};

export const clientSchema = clientShape
  .superRefine((client, context) => {
    for (const mistake of clientContradictions(client)) {
      context.addIssue({ code: 'custom', ...mistake });
    }
  })
  .transform(clientSpecOf);

export function clientSpecOf(client: Client): WrittenClient {
  return {
    driver: client.driver,
    ...(client.deadline === undefined ? {} : { deadlineNs: client.deadline }),
    channels: client.channels,
    ...(client.connections === 1 ? {} : { connections: client.connections }),
    ...(client.streamWindow === undefined ? {} : { streamWindowBytes: client.streamWindow }),
    serviceConfig: serviceConfigOf(client),
    ...messageSpec(client),
    ...(client.tls === undefined ? {} : { tlsFiles: client.tls }),
    ...(client.keepalive === undefined ? {} : { keepalive: client.keepalive }),
    ...(client.watchHealth === undefined ? {} : { watchHealth: client.watchHealth }),
    ...(client.interceptors === undefined ? {} : { chain: client.interceptors }),
    channelOptions: client.options,
  };
}

interface Contradiction {
  readonly path: string[];
  readonly message: string;
  readonly params?: { readonly hint: string };
}

/** Options that do not go together, or that grpc-js would not do as they say. */
export function clientContradictions(client: Client): Contradiction[] {
  const found: Contradiction[] = [];
  if (client.driver === 'wire') found.push(...beyondWire(client));
  else if (client.connections > 1) {
    found.push({
      path: ['connections'],
      message: 'grpc-js has one connection to an address per channel',
      params: { hint: 'use channels: for more, or driver: wire' },
    });
  }
  if (client.driver !== 'wire' && client.streamWindow !== undefined) {
    found.push({
      path: ['streamWindow'],
      message: 'the windows of grpc-js are its own',
      params: { hint: 'use driver: wire, or its option "grpc-node.flow_control_window"' },
    });
  }
  found.push(...wireInterceptors(client), ...clientPolicyMistakes(client));
  for (const part of ['balancer', 'retryPolicy', 'hedgingPolicy', 'retryThrottling'] as const) {
    if (client.serviceConfig !== undefined && client[part] !== undefined) {
      found.push({ path: [part], message: `give ${part} or serviceConfig, not both` });
    }
  }
  if (client.retryPolicy !== undefined && client.hedgingPolicy !== undefined) {
    const message = 'a client has a retryPolicy or a hedgingPolicy, not both';
    found.push({ path: ['hedgingPolicy'], message });
  }
  for (const [key, option] of Object.entries(OPTION_OF_KEY)) {
    if (client[key as keyof typeof OPTION_OF_KEY] !== undefined && option in client.options) {
      found.push({ path: [key], message: `give ${key} or options "${option}", not both` });
    }
  }
  const twice = KEEPALIVE_OPTIONS.find((option) => option in client.options);
  if (client.keepalive !== undefined && twice !== undefined) {
    const message = `give keepalive or options "${twice}", not both`;
    found.push({ path: ['keepalive'], message });
  }
  const limit = Number(client.options[ATTEMPTS_LIMIT_OPTION] ?? ATTEMPTS_LIMIT);
  for (const [path, attempts] of attemptLimits(client)) {
    if (attempts > limit) {
      found.push({
        path,
        message: `grpc-js would silently make at most ${limit} attempts, not ${attempts}`,
        params: { hint: `set options "${ATTEMPTS_LIMIT_OPTION}" to raise its limit` },
      });
    }
  }
  return found;
}

/** What the wire driver has not: it is for load on a server, not for the study of a client. */
function beyondWire(client: Client): Contradiction[] {
  const parts = [
    'balancer',
    'retryPolicy',
    'hedgingPolicy',
    'retryThrottling',
    'serviceConfig',
  ] as const;
  const given: string[] = parts.filter((part) => client[part] !== undefined);
  const known: readonly string[] = Object.keys(BACKOFF_OPTIONS);
  if (Object.keys(client.options).some((option) => !known.includes(option))) given.push('options');
  return given.map((part) => ({
    path: [part],
    message: `the wire driver has no ${part}: it sends calls to the backends in turn, once`,
    params: {
      hint:
        part === 'options'
          ? `it knows ${known.join(', ')} only`
          : 'use driver: grpc-js to study a client policy',
    },
  }));
}

/** Its calls do not pass through gRPC's library, whose interceptors these are. */
function wireInterceptors({ driver, interceptors = [] }: Client): Contradiction[] {
  if (driver !== 'wire' || interceptors.length === 0) return [];
  const message = 'the wire driver has no interceptors: its calls do not pass through grpc-js';
  return [{ path: ['interceptors'], message, params: { hint: 'use driver: grpc-js' } }];
}

function attemptLimits(client: Client): [path: string[], attempts: number][] {
  const found: [string[], number][] = [];
  const look = (path: string[], config: Pick<Client, 'retryPolicy' | 'hedgingPolicy'>) => {
    for (const kind of ['retryPolicy', 'hedgingPolicy'] as const) {
      const attempts = config[kind]?.maxAttempts;
      if (attempts !== undefined) found.push([[...path, kind, 'maxAttempts'], attempts]);
    }
  };
  look([], client);
  client.serviceConfig?.methodConfig?.forEach((config, index) => {
    look(['serviceConfig', 'methodConfig', String(index)], config);
  });
  return found;
}

/** The service config that the channel is given; its balancer is wrapped so that attempts are seen. */
function serviceConfigOf(client: Client): Record<string, unknown> {
  const given = client.serviceConfig;
  const { retryPolicy: retry, hedgingPolicy: hedging } = client;
  const everyMethod = {
    name: [{}],
    ...(retry === undefined ? {} : { retryPolicy: retry }),
    ...(hedging === undefined ? {} : { hedgingPolicy: hedging }),
  };
  const methods = given?.methodConfig ?? (retry || hedging ? [everyMethod] : undefined);
  const throttling = given?.retryThrottling ?? client.retryThrottling;
  return {
    loadBalancingConfig: [observed(clientPolicyOf(client))],
    ...(methods === undefined ? {} : { methodConfig: methods }),
    ...(throttling === undefined ? {} : { retryThrottling: throttling }),
  };
}
