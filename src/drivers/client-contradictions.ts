/**
 * What does not go together in a `client:`, each part being right in itself, and what a driver would not do as
 * it says: comes in the client, goes out every mistake with its place.
 */
import { clientPolicyMistakes } from './client-policy.js';
import type { Client } from './client-shape.js';
import { connectBackoffMistakes } from './connect-backoff-schema.js';
import { whyRefused } from './grpc-js/raw-service-config.js';
import { KEEPALIVE_OPTIONS } from './keepalive-schema.js';
import { OPTION_OF_KEY } from './message-schema.js';
import { BACKOFF_OPTIONS } from './wire/connection-backoff.js';

/** grpc-js caps attempts at 5 and says nothing, unless this channel option raises the cap. */
const ATTEMPTS_LIMIT_OPTION = 'grpc-node.retry_max_attempts_limit';
const ATTEMPTS_LIMIT = 5;
const RETRIES_OPTION = 'grpc.enable_retries';

const POLICIES = ['retryPolicy', 'hedgingPolicy'] as const;

/** What a service config is made of. */
const PARTS = [...POLICIES, 'balancer', 'retryThrottling', 'waitForReady'] as const;

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
  found.push(...connectBackoffMistakes(client));
  for (const part of PARTS) {
    if (client.serviceConfig !== undefined && client[part] !== undefined) {
      found.push({ path: [part], message: `give ${part} or serviceConfig, not both` });
    }
  }
  found.push(...rawMistakes(client));
  if (client.retryPolicy !== undefined && client.hedgingPolicy !== undefined) {
    const message = 'a client has a retryPolicy or a hedgingPolicy, not both';
    const hint = 'use serviceConfig to retry some methods and hedge others';
    found.push({ path: ['hedgingPolicy'], message, params: { hint } });
  }
  found.push(...idleThrottling(client), ...retriesOff(client));
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

/** What a service config that is passed on as it is does not go with, or that grpc-js throws at. */
function rawMistakes(client: Client): Contradiction[] {
  const { rawServiceConfig } = client;
  if (rawServiceConfig === undefined || client.driver === 'wire') return [];
  const twice = [...PARTS, 'serviceConfig' as const].filter((part) => client[part] !== undefined);
  if (twice.length > 0) {
    return twice.map((part) => ({
      path: [part],
      message: `give ${part} or rawServiceConfig, not both`,
    }));
  }
  const why = whyRefused(rawServiceConfig);
  if (why === undefined) return [];
  return [{ path: ['rawServiceConfig'], message: `grpc-js makes no client with it: ${why}` }];
}

/** What the wire driver has not: it is for load on a server, not for the study of a client. */
function beyondWire(client: Client): Contradiction[] {
  const parts = [
    'balancer',
    'retryPolicy',
    'hedgingPolicy',
    'retryThrottling',
    'serviceConfig',
    'rawServiceConfig',
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

/** Throttling that throttles nothing. */
function idleThrottling(client: Client): Contradiction[] {
  const { serviceConfig } = client;
  const throttling = serviceConfig?.retryThrottling ?? client.retryThrottling;
  if (throttling === undefined) return [];
  const policies = [client, ...(serviceConfig?.methodConfig ?? [])];
  if (policies.some(({ retryPolicy }) => retryPolicy !== undefined)) return [];
  const path = [...(serviceConfig === undefined ? [] : ['serviceConfig']), 'retryThrottling'];
  if (policies.some(({ hedgingPolicy }) => hedgingPolicy !== undefined)) {
    const message = 'grpc-js does not throttle hedges (gRFC A6 would): this would do nothing';
    return [{ path, message, params: { hint: 'leave it out, or use a retryPolicy' } }];
  }
  const message = 'retryThrottling without a retryPolicy throttles nothing';
  const hint = 'give a retryPolicy; the interceptor retry has a budget of its own';
  return [{ path, message, params: { hint } }];
}

/** Policies that a channel argument puts out of force. */
function retriesOff(client: Client): Contradiction[] {
  if (client.options[RETRIES_OPTION] !== 0) return [];
  const [first] = attemptLimits(client);
  if (first === undefined) return [];
  const [path] = first;
  const message = `options "${RETRIES_OPTION}" is 0: there would be no attempt but the first`;
  const hint = 'leave it out; it ends transparent retries, too';
  return [{ path: path.slice(0, -1), message, params: { hint } }];
}

function attemptLimits(client: Client): [path: string[], attempts: number][] {
  const found: [string[], number][] = [];
  const look = (path: string[], config: Pick<Client, 'retryPolicy' | 'hedgingPolicy'>) => {
    for (const kind of POLICIES) {
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
