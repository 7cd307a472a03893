/**
 * What balancers of ours are given besides their configuration: a service config is JSON text, and
 * neither a random sequence nor a callback can stand in one. It travels as a channel option, which
 * grpc-js hands to every load balancing policy of the channel, under a name that it keeps away from
 * connections.
 */
import { type ChannelOptions, experimental } from '@grpc/grpc-js';
import type { Rng } from '../../base/rng.js';
import type { EjectionNews, HealthNews } from '../driver.js';

export type { HealthNews };

export interface BalancingContext {
  /** Uniform in [0, 1), from the run's seed. */
  readonly random: Rng;
  /** Monotonic. */
  readonly now: () => number;
  /** Where endpoints stand, by address; those that are absent stand nowhere. */
  readonly zones: ReadonlyMap<string, string>;
  /** What health checking by the client hears of an endpoint; told for each connection. */
  onHealth(address: string, news: HealthNews): void;
  /** What outlier detection does to an endpoint. */
  onEjection(address: string, news: EjectionNews): void;
}

const OPTION = `${experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.squall_balancing`;

/** The channel options that carry it. */
export function balancingOptions(context: BalancingContext): ChannelOptions {
  return { [OPTION]: context };
}

/** What the channel was given. */
export function balancingContextOf(options: ChannelOptions): BalancingContext {
  const context = options[OPTION] as BalancingContext | undefined;
  if (context === undefined) throw new Error('the channel was made without a balancing context');
  return context;
}
