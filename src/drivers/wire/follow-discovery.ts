/**
 * Lets a channel of the wire driver follow what name resolution says. When that fails the channel goes on
 * with the last list, as gRPC's balancers do.
 */
import type { Discovery } from '../discovery.js';
import type { ClientTls } from '../spec.js';
import { type WireAddress, wireAddresses } from './wire-address.js';

/** What goes on with other addresses. */
export interface Follower {
  /** Those of a list before that are in it again are the same objects. */
  use(addresses: readonly WireAddress[]): void;
}

/**
 * @param known the addresses that it begins with.
 * @returns a function that ends it.
 */
export function followDiscovery(
  discovery: Discovery,
  follower: Follower,
  known: readonly WireAddress[],
  tls: ClientTls | undefined,
): () => void {
  const byName = new Map(known.map((address) => [address.name, address]));
  const addressesOf = (name: string): readonly WireAddress[] => {
    const address = byName.get(name);
    if (address !== undefined) return [address];
    const made = wireAddresses([name], tls);
    for (const one of made) byName.set(name, one);
    return made;
  };
  const client = discovery.subscribe((said) => {
    if ('code' in said) return;
    follower.use(said.backends.flatMap(({ address }) => addressesOf(address)));
  });
  client.ask();
  return () => client.close();
}
