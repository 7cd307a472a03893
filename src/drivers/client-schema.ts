/**
 * The `client:` part of a scenario, and how it becomes a gRPC service config.
 *
 * The service config can be given whole and verbatim (`serviceConfig:`), or by its parts
 * (`retryPolicy:`, `hedgingPolicy:`, `retryThrottling:`, `balancer:`), which then apply to every
 * method. Words and spelling are gRPC's; durations may be written `50ms` as well as `"0.05s"`. As
 * `rawServiceConfig:` it reaches grpc-js as it is written.
 */
import type { ChainItem } from '../interceptors/chain-schema.js';
import { clientContradictions } from './client-contradictions.js';
import { clientPolicyOf } from './client-policy.js';
import { type Client, clientShape } from './client-shape.js';
import { connectBackoffSpec } from './connect-backoff-schema.js';
import { observed } from './grpc-js/attempt-balancer.js';
import { withObserver } from './grpc-js/raw-service-config.js';
import { messageSpec } from './message-schema.js';
import type { ClientSpec } from './spec.js';

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
    ...(client.rawServiceConfig === undefined
      ? { serviceConfig: serviceConfigOf(client) }
      : { serviceConfig: withObserver(client.rawServiceConfig), isServiceConfigRaw: true }),
    ...messageSpec(client),
    ...(client.tls === undefined ? {} : { tlsFiles: client.tls }),
    ...(client.keepalive === undefined ? {} : { keepalive: client.keepalive }),
    ...(client.watchHealth === undefined ? {} : { watchHealth: client.watchHealth }),
    ...(client.interceptors === undefined ? {} : { chain: client.interceptors }),
    channelOptions: client.options,
    ...connectBackoffSpec(client),
  };
}

/** The service config that the channel is given; its balancer is wrapped so that attempts are seen. */
function serviceConfigOf(client: Client): Record<string, unknown> {
  const given = client.serviceConfig;
  const { retryPolicy: retry, hedgingPolicy: hedging, waitForReady } = client;
  const everyMethod = {
    name: [{}],
    ...(retry === undefined ? {} : { retryPolicy: retry }),
    ...(hedging === undefined ? {} : { hedgingPolicy: hedging }),
    ...(waitForReady === undefined ? {} : { waitForReady }),
  };
  const isGiven = Object.keys(everyMethod).length > 1;
  const methods = given?.methodConfig ?? (isGiven ? [everyMethod] : undefined);
  const throttling = given?.retryThrottling ?? client.retryThrottling;
  return {
    loadBalancingConfig: [observed(clientPolicyOf(client))],
    ...(methods === undefined ? {} : { methodConfig: methods }),
    ...(throttling === undefined ? {} : { retryThrottling: throttling }),
  };
}
