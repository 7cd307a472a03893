/** Chains from what a scenario writes, with what they observe at hand. */
import type { Interceptor, ServerInterceptor } from '@grpc/grpc-js';
import { chainSchema } from '../../src/interceptors/chain-schema.js';
import { interceptors } from '../../src/interceptors/index.js';
import type { Side } from '../../src/interceptors/interceptor.js';
import { clientChain, serverChain } from '../../src/interceptors/make-chain.js';
import { ChainObservations } from '../../src/interceptors/observations.js';
import { resolveChain } from '../../src/interceptors/resolve-chain.js';

/** The specs of a chain that has no mistakes. */
export function chainSpecs(items: readonly unknown[], side: Side) {
  const { specs, mistakes } = resolveChain(chainSchema.parse(items), side, [], {});
  if (mistakes.length > 0) throw new Error(mistakes[0]?.message);
  return specs;
}

export function makeChains(chains: {
  readonly client?: readonly unknown[];
  readonly server?: readonly unknown[];
}): {
  client: Interceptor[];
  server: ServerInterceptor[];
  clientSaw: ChainObservations;
  serverSaw: ChainObservations;
} {
  const clientSaw = new ChainObservations();
  const serverSaw = new ChainObservations();
  const common = { seed: 7, place: 'test', kinds: interceptors };
  const { client = [], server = [] } = chains;
  return {
    client: clientChain(chainSpecs(client, 'client'), { ...common, observations: clientSaw }),
    server: serverChain(chainSpecs(server, 'server'), { ...common, observations: serverSaw }),
    clientSaw,
    serverSaw,
  };
}
