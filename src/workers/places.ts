/** What stands at the addresses of a worker's task: names for messages, zones for balancers. */
import type { ShardTask } from './protocol.js';

export interface Places {
  /** The name of the backend at an address; the address where nobody named it. */
  nameOf(address: string): string;
  /** By address, of those that stand in one. */
  readonly zones: ReadonlyMap<string, string>;
}

export function createPlaces({ addresses, places = [] }: Pick<ShardTask, 'addresses' | 'places'>) {
  const names = new Map<string, string>();
  const zones = new Map<string, string>();
  for (const [index, address] of addresses.entries()) {
    const { name, zone } = places[index] ?? {};
    // grpc-js names a unix socket by its path alone.
    const known = address.replace(/^unix:/, '');
    if (name !== undefined) names.set(known, name);
    if (zone !== undefined) zones.set(known, zone);
  }
  return { nameOf: (address: string) => names.get(address) ?? address, zones } satisfies Places;
}
