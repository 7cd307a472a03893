/**
 * What a driver is: the client side of a set of backends, for one worker thread.
 */
import type { Interceptor } from '@grpc/grpc-js';
import type { Rng } from '../base/rng.js';
import type { Waited } from '../base/waiting-time.js';
import type { CallChannel } from '../calls/channel.js';
import type { Discovery } from './discovery.js';

/** What a driver is given besides its spec. */
export interface DriverContext {
  /** For whatever it leaves to chance: the spread of its backoff. */
  readonly random: Rng;
  /**
   * A connection was lost or could not be made; `reason` is a clause. Only the wire driver can tell:
   * grpc-js keeps such things to itself.
   */
  onConnectionLost(address: string, reason: string): void;
  /** What the spec's chain was made into: passed by calls in this order. grpc-js only. */
  readonly interceptors: readonly Interceptor[];
  /** What says where the backends are; absent: the addresses that are given, for good. */
  readonly discovery?: Discovery;
  /** Where the backends stand, by address, for balancers that ask; absent: nowhere. */
  readonly zones?: ReadonlyMap<string, string>;
  /** Health checking by the client heard of a backend, on one of its connections. */
  onHealth?(address: string, news: HealthNews): void;
  /** Outlier detection has ejected a backend, or has let it back in. */
  onEjection?(address: string, news: EjectionNews): void;
}

/** What client-side health checking heard. */
export interface HealthNews {
  /** Whether it is sent anything from now on. */
  readonly isHealthy: boolean;
  /** False: there is nothing to watch, and so it is taken for healthy. */
  readonly isWatched: boolean;
  /** A clause. */
  readonly why: string;
}

/** What outlier detection did. */
export interface EjectionNews {
  /** Each channel ejects for itself; a number of the thread's. */
  readonly channel: number;
  readonly isEjected: boolean;
}

export interface Driver extends Disposable {
  /** Channels that share nothing: connections, balancer and throttle state are each one's own. */
  readonly channels: readonly CallChannel[];
  /**
   * Resolves when every channel can take calls.
   * @throws RunError when one is not connected in time; it names the addresses.
   */
  ready(timeoutMs: number): Promise<void>;
  /**
   * Send windows at zero while data waited, since it was last asked. Only the wire driver can tell.
   */
  takeWindowWaits?(): { readonly streams: Waited; readonly connections: Waited };
  /** Closes all connections. Calls still open end with a status of the driver's choosing. */
  [Symbol.dispose](): void;
}
