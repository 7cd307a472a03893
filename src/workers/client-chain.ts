/** The interceptors of one worker's client, and what they see. */
import type { Interceptor } from '@grpc/grpc-js';
import { interceptors as ours } from '../interceptors/index.js';
import { clientChain } from '../interceptors/make-chain.js';
import { ChainObservations } from '../interceptors/observations.js';
import { loadInterceptorModules } from '../interceptors/user-modules.js';
import type { ShardTask } from './protocol.js';

export interface ClientChain {
  readonly interceptors: readonly Interceptor[];
  readonly observations: ChainObservations;
}

/** @throws UserError when a module that was there for the plan cannot be loaded any more. */
export async function openClientChain(task: ShardTask): Promise<ClientChain> {
  const { client, seed, worker, interceptorModules = [] } = task;
  const observations = new ChainObservations();
  const { interceptors: specs = [] } = client;
  if (specs.length === 0) return { interceptors: [], observations };
  const kinds = { ...ours, ...(await loadInterceptorModules(interceptorModules)) };
  const place = `worker-${worker}`;
  const interceptors = clientChain(specs, { seed, place, kinds, observations });
  return { interceptors, observations };
}
