/**
 * What a balancer of ours is: given the endpoints of a channel, it picks the one that takes the next
 * attempt.
 *
 * It is plain data in, one endpoint out: it knows no sockets, no timers and no gRPC, so it is tested
 * without any. A driver hosts it (`drivers/grpc-js/hosted-balancer.ts`): it keeps the connections,
 * says which endpoints are ready, and counts what the balancer asks to see.
 */
import type { z } from 'zod';
import type { CatalogueEntry } from '../base/catalogue.js';
import type { Rng } from '../base/rng.js';

/** One endpoint as a balancer sees it; the same object for as long as the channel has the endpoint. */
export interface Endpoint {
  /** `host:port`, or the path of a unix socket. */
  readonly address: string;
  /** Where it stands; absent: nobody said. */
  readonly zone?: string | undefined;
  /** Attempts on it that were picked and have not ended. Kept for those that see `in-flight`. */
  readonly inFlight: number;
}

/** The endpoints of one channel at one moment. */
export interface Endpoints<E extends Endpoint = Endpoint> {
  /** Those that can take an attempt now; never empty when `pick` is called. */
  readonly ready: readonly E[];
  /** Those that name resolution knows, ready or not. */
  readonly all: readonly E[];
}

export interface Balancer {
  /** @returns one of the ready ones. */
  pick<E extends Endpoint>(endpoints: Endpoints<E>): E;
  /** An attempt ended after so long, as the client saw it; told to those that see `latency`. */
  ended?(endpoint: Endpoint, durationNs: number, nowNs: number): void;
}

/** What a host has to count for a balancer: what it does not ask for costs nothing. */
export type Sight = 'in-flight' | 'latency' | 'zone';

export interface BalancerContext {
  /** Uniform in [0, 1), from the run's seed. */
  readonly random: Rng;
  /** Monotonic. */
  readonly now: () => number;
}

export interface BalancerKind<Options> extends CatalogueEntry {
  readonly schema: z.ZodType<Options>;
  /** What it needs to see, with these options. */
  sees(options: Options): readonly Sight[];
  /** Made once for each channel. */
  create(options: Options, context: BalancerContext): Balancer;
}

// biome-ignore lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type AnyBalancerKind = BalancerKind<any>;

/** Keeps an entry's option types inferred. */
export const defineBalancer = <Options>(kind: BalancerKind<Options>) => kind;

/** An item of a list that is not empty, all as likely. */
export function oneOf<Item>(items: readonly Item[], random: Rng): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('picked from no endpoints');
  return item;
}
