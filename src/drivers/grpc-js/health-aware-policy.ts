/**
 * Client-side health checking (gRFC A17), which grpc-js 1.14 does not have, as a load balancing policy
 * around another: every subchannel that the policy inside asks for comes wrapped, and the wrapper
 * says what health says of it.
 *
 *     connection   health      shown as
 *     READY        unknown     CONNECTING
 *     READY        healthy     READY
 *     READY        unhealthy   READY, not healthy: TRANSIENT_FAILURE to balancers of many
 *     any other    —           what it is
 *
 * The last but one is grpc-js's own way (outlier_detection ejects like that): the connection stays,
 * calls in flight are not touched, and what was ejected comes back at once. A policy that does not ask
 * for health does not see it, and that is pick_first, as A17 has it.
 */
import { type ChannelOptions, connectivityState, experimental } from '@grpc/grpc-js';
import type { Health } from '../../balancers/health-aware.js';
import { type BalancingContext, balancingContextOf, type HealthNews } from './balancing-context.js';
import { type BackoffOptions, type HealthWatch, healthWatchOf } from './health-watch.js';
import type { PolicyAround } from './policy-around.js';

const { READY, CONNECTING } = connectivityState;

/** Name under which the policy stands in a service config. */
export const HEALTH_AWARE = 'squall_health';

/** What stands under that name. */
export interface HealthAwareJson {
  readonly service: string;
  /** One policy, as grpc-js reads it. */
  readonly child_policy: Record<string, object>;
}

export const healthAware: PolicyAround<HealthAwareJson, { readonly service: string }> = {
  name: HEALTH_AWARE,
  parse({ service, child_policy }) {
    return { child: experimental.parseLoadBalancingConfig(child_policy), options: { service } };
  },
  write: ({ child, options: { service } }) => ({ service, child_policy: child.toJsonObject() }),
  create(helper) {
    let watched = '';
    let context: BalancingContext | undefined;
    return {
      changes: {
        createSubchannel(address, options) {
          const subchannel = helper.createSubchannel(address, options);
          const real = subchannel.getRealSubchannel();
          const watch = healthWatchOf(real, watched, backoffOf(options));
          return new WatchedSubchannel(subchannel, watch, (news) =>
            context?.onHealth(subchannel.getAddress(), news),
          );
        },
      },
      configured({ service }, channel) {
        watched = service;
        context = balancingContextOf(channel);
      },
    };
  },
};

/** A Watch that fails is tried again as a connection is. */
function backoffOf(options: ChannelOptions): BackoffOptions {
  const initialDelay = options['grpc.initial_reconnect_backoff_ms'];
  const maxDelay = options['grpc.max_reconnect_backoff_ms'];
  return {
    ...(initialDelay === undefined ? {} : { initialDelay }),
    ...(maxDelay === undefined ? {} : { maxDelay }),
  };
}

class WatchedSubchannel extends experimental.BaseSubchannelWrapper {
  readonly #watch: HealthWatch;
  readonly #tell: (news: HealthNews) => void;
  readonly #listeners = new Set<experimental.ConnectivityStateListener>();
  #references = 0;
  #keepaliveTime = -1;
  #shown: connectivityState;

  constructor(
    child: experimental.SubchannelInterface,
    watch: HealthWatch,
    tell: (news: HealthNews) => void,
  ) {
    super(child);
    this.#watch = watch;
    this.#tell = tell;
    this.#shown = this.getConnectivityState();
  }

  /** Who only looks at it does not hold it; the first to hold it lets the Watch begin. */
  override ref(): void {
    super.ref();
    this.#references++;
    if (this.#references > 1) return;
    this.child.addConnectivityStateListener(this.#onState);
    this.#watch.follow(this.#onHealth);
    this.setHealthy(this.#watch.health !== 'unhealthy');
    this.#shown = this.getConnectivityState();
  }

  override unref(): void {
    this.#references--;
    if (this.#references === 0) {
      this.child.removeConnectivityStateListener(this.#onState);
      this.#watch.leave(this.#onHealth);
    }
    super.unref();
  }

  override getConnectivityState(): connectivityState {
    const state = super.getConnectivityState();
    return state === READY && this.#watch.health === 'unknown' ? CONNECTING : state;
  }

  override addConnectivityStateListener(listener: experimental.ConnectivityStateListener): void {
    this.#listeners.add(listener);
  }

  override removeConnectivityStateListener(listener: experimental.ConnectivityStateListener): void {
    this.#listeners.delete(listener);
  }

  readonly #onState: experimental.ConnectivityStateListener = (
    _subchannel,
    _before,
    state,
    keepaliveTime,
    error,
  ) => {
    this.#keepaliveTime = keepaliveTime;
    // The Watch has not been told yet that there is a new connection.
    this.#show(state === READY ? CONNECTING : state, error);
  };

  readonly #onHealth = (health: Health, why: string, isWatched: boolean): void => {
    const isHealthy = health === 'healthy';
    this.#tell({ isHealthy, isWatched, why });
    this.setHealthy(isHealthy);
    this.#show(this.getConnectivityState());
  };

  #show(state: connectivityState, error?: string): void {
    const before = this.#shown;
    if (state === before) return;
    this.#shown = state;
    for (const listener of [...this.#listeners]) {
      listener(this, before, state, this.#keepaliveTime, error);
    }
  }
}
