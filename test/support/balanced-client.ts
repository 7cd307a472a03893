/** A client of numbered servers under a balancer as scenarios name it, with all it needs to see. */
import { createRng } from '../../src/base/rng.js';
import type { EjectionNews, HealthNews } from '../../src/drivers/driver.js';
import { balancingOptions } from '../../src/drivers/grpc-js/balancing-context.js';
import { registerPolicies } from '../../src/drivers/grpc-js/register-policies.js';
import { readPolicy } from '../../src/drivers/read-policy.js';
import { type NumberedClient, type NumberedServers, numberedClient } from './numbered-servers.js';

export interface BalancedClientOptions {
  /** By name of the server. */
  readonly zones?: Readonly<Record<string, string>>;
  /** In place of the addresses of the servers. */
  readonly target?: string;
  readonly onHealth?: (name: string, news: HealthNews) => void;
  readonly onEjection?: (name: string, news: EjectionNews) => void;
}

/** @param balancer as `client.balancer`. */
export function balancedClient(
  { backends }: NumberedServers,
  balancer: unknown,
  { zones = {}, target, onHealth = () => {}, onEjection = () => {} }: BalancedClientOptions = {},
): NumberedClient {
  registerPolicies();
  const read = readPolicy(balancer);
  if ('mistakes' in read) throw new Error(JSON.stringify(read.mistakes));
  const nameOf = (address: string) =>
    backends.find((backend) => backend.address === address)?.name ?? address;
  const placed = backends.flatMap(({ name, address }): [string, string][] => {
    const zone = zones[name];
    return zone === undefined ? [] : [[address, zone]];
  });
  return numberedClient(target ?? `ipv4:${backends.map(({ address }) => address).join()}`, {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [read.policy] }),
    'grpc.initial_reconnect_backoff_ms': 100,
    ...balancingOptions({
      random: createRng(1, 'test'),
      now: () => performance.now() * 1e6,
      zones: new Map(placed),
      onHealth: (address, news) => onHealth(nameOf(address), news),
      onEjection: (address, news) => onEjection(nameOf(address), news),
    }),
  });
}
