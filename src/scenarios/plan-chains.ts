/** The interceptors of a variant: both sides' chains, with the named chains in them put in place. */
import type { ChainItem } from '../interceptors/chain-schema.js';
import type { InterceptorSpec, Side } from '../interceptors/interceptor.js';
import { chainMistakes, resolveChain } from '../interceptors/resolve-chain.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { Scenario } from './scenario-schema.js';

const PLACES = {
  client: ['client', 'interceptors'],
  server: ['targets', 'interceptors'],
} as const satisfies Record<Side, readonly string[]>;

/** What a spec has of its chain: nothing where there is none. */
interface Chained {
  readonly interceptors?: readonly InterceptorSpec[];
}

export function planChains(scenario: Pick<Scenario, 'client' | 'targets' | 'chains'>): {
  client: Chained;
  server: Chained;
  mistakes: readonly PlacedMistake[];
} {
  const { chains, client, targets } = scenario;
  const mistakes: PlacedMistake[] = chainMistakes(chains);
  if (mistakes.length > 0) return { client: {}, server: {}, mistakes };
  const resolve = (side: Side, items: readonly ChainItem[] = []): Chained => {
    const resolved = resolveChain(items, side, PLACES[side], chains);
    mistakes.push(...resolved.mistakes);
    return resolved.specs.length === 0 ? {} : { interceptors: resolved.specs };
  };
  return {
    client: resolve('client', client.chain),
    // All backends have the same.
    server: resolve('server', targets[0]?.chain),
    mistakes,
  };
}
