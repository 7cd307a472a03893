/**
 * A load balancing policy that balances nothing: it stands between `outlier_detection` and its child, and
 * tells of every backend that is ejected and let back in.
 *
 * grpc-js ejects an endpoint by calling its subchannel unhealthy to whoever is below, and says so to nobody
 * else. What health checking by the client calls unhealthy comes down the same way from further above, and is
 * no ejection.
 */
import { type ChannelOptions, experimental } from '@grpc/grpc-js';
import { type BalancingContext, balancingContextOf } from './balancing-context.js';

type TypedConfig = experimental.TypedLoadBalancingConfig;

/** Name under which the policy stands in a service config. */
export const EJECTION_OBSERVER = 'squall_ejections';

/** What outlier_detection hands to the policies below it. */
interface Ejectable extends experimental.SubchannelInterface {
  getWrappedSubchannel(): experimental.SubchannelInterface;
}

class EjectionObserverConfig implements TypedConfig {
  readonly child: TypedConfig;

  constructor(child: TypedConfig) {
    this.child = child;
  }

  static createFromJson(json: { child_policy: Record<string, object>[] }): EjectionObserverConfig {
    const child = experimental.selectLbConfigFromList(json.child_policy);
    if (child === null) throw new Error('no policy of the list is known');
    return new EjectionObserverConfig(child);
  }

  getLoadBalancerName(): string {
    return EJECTION_OBSERVER;
  }

  toJsonObject(): object {
    return { [EJECTION_OBSERVER]: { child_policy: [this.child.toJsonObject()] } };
  }
}

/** Each channel has one. */
let observers = 0;

class EjectionObserver implements experimental.LoadBalancer {
  readonly #child: experimental.ChildLoadBalancerHandler;
  readonly #channel = observers++;
  /** By address: there is a subchannel for each connection that was ever asked for. */
  readonly #ejected = new Set<string>();
  #context: BalancingContext | undefined;

  constructor(helper: experimental.ChannelControlHelper) {
    this.#child = new experimental.ChildLoadBalancerHandler(
      experimental.createChildChannelControlHelper(helper, {
        createSubchannel: (address, options) => {
          const subchannel = helper.createSubchannel(address, options) as Ejectable;
          subchannel.addHealthStateWatcher((isHealthy) => this.#heard(subchannel, isHealthy));
          return subchannel;
        },
      }),
    );
  }

  updateAddressList(
    endpoints: experimental.StatusOr<experimental.Endpoint[]>,
    config: TypedConfig,
    options: ChannelOptions,
    resolutionNote: string,
  ): boolean {
    if (!(config instanceof EjectionObserverConfig)) return false;
    this.#context = balancingContextOf(options);
    return this.#child.updateAddressList(endpoints, config.child, options, resolutionNote);
  }

  exitIdle(): void {
    this.#child.exitIdle();
  }

  resetBackoff(): void {
    this.#child.resetBackoff();
  }

  destroy(): void {
    this.#child.destroy();
  }

  getTypeName(): string {
    return EJECTION_OBSERVER;
  }

  #heard(subchannel: Ejectable, isHealthy: boolean): void {
    const isEjected = !isHealthy && subchannel.getWrappedSubchannel().isHealthy();
    const address = subchannel.getAddress();
    if (isEjected === this.#ejected.has(address)) return;
    if (isEjected) this.#ejected.add(address);
    else this.#ejected.delete(address);
    this.#context?.onEjection(address, { channel: this.#channel, isEjected });
  }
}

/** Makes the policy known to grpc-js in this thread. Doing it again changes nothing. */
export function registerEjectionObserver(): void {
  if (experimental.isLoadBalancerNameRegistered(EJECTION_OBSERVER)) return;
  experimental.registerLoadBalancerType(
    EJECTION_OBSERVER,
    EjectionObserver,
    EjectionObserverConfig,
  );
}
