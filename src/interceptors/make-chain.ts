/** A chain of a plan → interceptors as grpc-js takes them, in the order in which a call passes them. */
import * as grpc from '@grpc/grpc-js';
import { type Catalogue, entryOf } from '../base/catalogue.js';
import { monotonicNowNs } from '../base/clock.js';
import { createRng } from '../base/rng.js';
import type {
  AnyInterceptorKind,
  InterceptorContext,
  InterceptorSpec,
  Side,
} from './interceptor.js';
import type { ChainObservations } from './observations.js';

export interface ChainSurroundings {
  readonly seed: number;
  /** The worker or backend that it is for; names its random sequences. */
  readonly place: string;
  /** All kinds that the plan may name: ours, and those of the user's modules. */
  readonly kinds: Catalogue<AnyInterceptorKind>;
  readonly observations: ChainObservations;
}

export function clientChain(
  specs: readonly InterceptorSpec[],
  around: ChainSurroundings,
): grpc.Interceptor[] {
  return specs.map((spec) => {
    const { client } = entryOf(around.kinds, spec.kind);
    if (client === undefined) throw new Error(`${spec.kind} is not for clients`);
    return client(spec.options, contextOf(spec, 'client', around));
  });
}

export function serverChain(
  specs: readonly InterceptorSpec[],
  around: ChainSurroundings,
): grpc.ServerInterceptor[] {
  return specs.map((spec) => {
    const { server } = entryOf(around.kinds, spec.kind);
    if (server === undefined) throw new Error(`${spec.kind} is not for servers`);
    return server(spec.options, contextOf(spec, 'server', around));
  });
}

function contextOf(
  { name }: InterceptorSpec,
  side: Side,
  { seed, place, observations }: ChainSurroundings,
): InterceptorContext {
  return {
    name,
    side,
    seed,
    random: createRng(seed, `interceptors/${place}/${name}`),
    grpc,
    now: monotonicNowNs,
    count: (method, code, durationNs) => observations.count(name, method, code, durationNs),
    countEvent: (method, event) => observations.countEvent(name, method, event),
    log: (call, perIntervalMax) => observations.log(call, perIntervalMax),
  };
}
