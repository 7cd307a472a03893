/** The interceptors of a variant: the chains of both sides, with the named chains in them put in place. */
import type { ChainItem } from '../interceptors/chain-schema.js';
import type { InterceptorSpec, Side } from '../interceptors/interceptor.js';
import { chainMistakes, resolveChain } from '../interceptors/resolve-chain.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { WrittenTier } from './plan-tiers.js';
import type { Scenario } from './scenario-schema.js';

/** What a spec has of its chain: nothing where there is none. */
export interface Chained {
  readonly interceptors?: readonly InterceptorSpec[];
}

/** @returns the servers' in the order of the tiers: all backends of one have the same. */
export function planChains(
  { chains, client }: Pick<Scenario, 'client' | 'chains'>,
  tiers: readonly WrittenTier[],
): { client: Chained; servers: readonly Chained[]; mistakes: readonly PlacedMistake[] } {
  const mistakes: PlacedMistake[] = chainMistakes(chains);
  if (mistakes.length > 0) return { client: {}, servers: tiers.map(() => ({})), mistakes };
  const resolve = (
    side: Side,
    path: WrittenTier['path'],
    items: readonly ChainItem[] = [],
  ): Chained => {
    const resolved = resolveChain(items, side, [...path, 'interceptors'], chains);
    mistakes.push(...resolved.mistakes);
    return resolved.specs.length === 0 ? {} : { interceptors: resolved.specs };
  };
  return {
    client: resolve('client', ['client'], client.chain),
    servers: tiers.map(({ path, backends }) => resolve('server', path, backends[0]?.chain)),
    mistakes,
  };
}
