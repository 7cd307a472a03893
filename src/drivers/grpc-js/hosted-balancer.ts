/**
 * A load balancing policy of grpc-js that lets a balancer of ours pick (`src/balancers`): it keeps a
 * connection to every endpoint, as round_robin does, and hands the balancer those that are ready.
 *
 *     READY              any endpoint is ready: the balancer picks
 *     CONNECTING         none, but some connect: attempts wait
 *     TRANSIENT_FAILURE  all have failed: attempts fail, unless they wait for ready
 *     IDLE               else
 *
 * Endpoints that stay in the list that name resolution gives keep their connection and their counts.
 * The balancer interface of grpc-js is experimental: it may change with any minor version.
 */
import { type ChannelOptions, connectivityState, experimental } from '@grpc/grpc-js';
import type {
  AnyBalancerKind,
  Balancer,
  Endpoint,
  Endpoints,
  Sight,
} from '../../balancers/balancer.js';
import { balancers } from '../../balancers/index.js';
import { entryOf } from '../../base/catalogue.js';
import { type BalancingContext, balancingContextOf } from './balancing-context.js';
import { createOpenAttempts, type OpenAttempts } from './open-attempts.js';

type Helper = experimental.ChannelControlHelper;
type PickArgs = experimental.PickArgs;
type PickResult = experimental.PickResult;

const { READY, CONNECTING, TRANSIENT_FAILURE, IDLE } = connectivityState;

/** Name under which the policy stands in a service config. */
export const HOSTED_BALANCER = 'squall_pick';

/** What stands under that name: an entry of the catalogue, and its options, parsed. */
export interface HostedPolicy {
  readonly kind: string;
  readonly options: unknown;
}

class HostedConfig implements experimental.TypedLoadBalancingConfig {
  readonly policy: HostedPolicy;

  constructor(policy: HostedPolicy) {
    this.policy = policy;
  }

  static createFromJson(json: HostedPolicy): HostedConfig {
    return new HostedConfig(json);
  }

  getLoadBalancerName(): string {
    return HOSTED_BALANCER;
  }

  toJsonObject(): object {
    return { [HOSTED_BALANCER]: this.policy };
  }
}

/** An endpoint with its connection. */
class HostedEndpoint implements Endpoint {
  readonly address: string;
  readonly zone: string | undefined;
  inFlight = 0;
  readonly leaf: experimental.LeafLoadBalancer;

  constructor(
    address: string,
    zone: string | undefined,
    connect: (self: HostedEndpoint) => experimental.LeafLoadBalancer,
  ) {
    this.address = address;
    this.zone = zone;
    this.leaf = connect(this);
  }

  get state(): connectivityState {
    return this.leaf.getConnectivityState();
  }
}

/** What one channel's balancer is and works with, for as long as the channel keeps its policy. */
interface Hosted {
  readonly kind: string;
  readonly balancer: Balancer;
  readonly sees: readonly Sight[];
  readonly context: BalancingContext;
}

class HostedBalancer implements experimental.LoadBalancer {
  readonly #helper: Helper;
  readonly #endpoints = new Map<string, HostedEndpoint>();
  #hosted: Hosted | undefined;
  #attempts: OpenAttempts | undefined;
  #isUpdating = false;
  #lastError: string | null = null;

  constructor(helper: Helper) {
    this.#helper = helper;
  }

  updateAddressList(
    found: experimental.StatusOr<experimental.Endpoint[]>,
    config: experimental.TypedLoadBalancingConfig,
    options: ChannelOptions,
    resolutionNote: string,
  ): boolean {
    if (!(config instanceof HostedConfig)) return false;
    this.#hosted ??= host(config.policy, balancingContextOf(options));
    if (!found.ok) {
      // What was found before still holds.
      if (this.#endpoints.size === 0) this.#fail(found.error.details);
      return true;
    }
    this.#isUpdating = true;
    this.#follow(found.value, options, resolutionNote);
    this.#isUpdating = false;
    if (found.value.length > 0) {
      this.#update();
      return true;
    }
    this.#fail(`No addresses resolved. Resolution note: ${resolutionNote}`);
    return false;
  }

  /** Its endpoints connect by themselves. */
  exitIdle(): void {}

  resetBackoff(): void {}

  destroy(): void {
    for (const { leaf } of this.#endpoints.values()) leaf.destroy();
    this.#endpoints.clear();
  }

  getTypeName(): string {
    return HOSTED_BALANCER;
  }

  #follow(found: readonly experimental.Endpoint[], options: ChannelOptions, note: string): void {
    const named = new Map(
      found.map((endpoint) => [experimental.endpointToString(endpoint), endpoint]),
    );
    for (const [name, { leaf }] of this.#endpoints) {
      if (named.has(name)) continue;
      this.#endpoints.delete(name);
      leaf.destroy();
    }
    for (const [name, endpoint] of named) {
      const known = this.#endpoints.get(name);
      if (known !== undefined) known.leaf.updateEndpoint(endpoint, options);
      else this.#add(name, endpoint, options, note);
    }
  }

  #add(name: string, endpoint: experimental.Endpoint, options: ChannelOptions, note: string): void {
    const [first] = endpoint.addresses;
    const address = first === undefined ? name : experimental.subchannelAddressToString(first);
    const zone = this.#hosted?.context.zones.get(address);
    const added = new HostedEndpoint(
      address,
      zone,
      () => new experimental.LeafLoadBalancer(endpoint, this.#leafHelper(), options, note),
    );
    this.#endpoints.set(name, added);
    added.leaf.startConnecting();
  }

  #leafHelper(): Helper {
    let last: connectivityState = IDLE;
    return experimental.createChildChannelControlHelper(this.#helper, {
      updateState: (state, _picker, error) => {
        if (error !== null) this.#lastError = error;
        // It may have gone elsewhere.
        if (last === READY && state !== READY) this.#helper.requestReresolution();
        last = state;
        this.#update();
      },
    });
  }

  #update(): void {
    if (this.#isUpdating || this.#hosted === undefined) return;
    const all = [...this.#endpoints.values()];
    const ready = all.filter(({ state }) => state === READY);
    const isAny = (wanted: connectivityState) => all.some(({ state }) => state === wanted);
    if (ready.length > 0) {
      this.#attempts ??= createOpenAttempts();
      const picker = new HostedPicker(this.#hosted, { ready, all }, this.#attempts);
      this.#helper.updateState(READY, picker, null);
    } else if (isAny(CONNECTING)) {
      this.#helper.updateState(CONNECTING, new experimental.QueuePicker(this), null);
    } else if (isAny(TRANSIENT_FAILURE)) {
      this.#fail(`No connection established. Last error: ${this.#lastError}`);
    } else {
      this.#helper.updateState(IDLE, new experimental.QueuePicker(this), null);
    }
    // All endpoints are kept connected.
    for (const { state, leaf } of all) if (state === IDLE) leaf.exitIdle();
  }

  #fail(reason: string): void {
    const details = `${this.#hosted?.kind}: ${reason}`;
    const picker = new experimental.UnavailablePicker({ details });
    this.#helper.updateState(TRANSIENT_FAILURE, picker, details);
  }
}

function host({ kind, options }: HostedPolicy, context: BalancingContext): Hosted {
  const entry = entryOf<AnyBalancerKind>(balancers, kind);
  return { kind, balancer: entry.create(options, context), sees: entry.sees(options), context };
}

class HostedPicker implements experimental.Picker {
  readonly #hosted: Hosted;
  readonly #endpoints: Endpoints<HostedEndpoint>;
  readonly #attempts: OpenAttempts;
  readonly #isCounting: boolean;

  constructor(hosted: Hosted, endpoints: Endpoints<HostedEndpoint>, attempts: OpenAttempts) {
    this.#hosted = hosted;
    this.#endpoints = endpoints;
    this.#attempts = attempts;
    this.#isCounting = hosted.sees.includes('in-flight') || hosted.sees.includes('latency');
  }

  pick(args: PickArgs): PickResult {
    const endpoint = this.#hosted.balancer.pick(this.#endpoints);
    const result = endpoint.leaf.getPicker().pick(args);
    const isComplete = result.pickResultType === experimental.PickResultType.COMPLETE;
    return isComplete && this.#isCounting ? this.#counted(result, endpoint) : result;
  }

  #counted(result: PickResult, endpoint: HostedEndpoint): PickResult {
    const { balancer, context } = this.#hosted;
    const attempt = this.#attempts.picked(endpoint);
    let startedNs = 0;
    return {
      ...result,
      onCallStarted: () => {
        result.onCallStarted?.();
        startedNs = context.now();
        attempt.started();
      },
      onCallEnded: (code, details, metadata) => {
        result.onCallEnded?.(code, details, metadata);
        attempt.ended();
        const nowNs = context.now();
        balancer.ended?.(endpoint, nowNs - startedNs, nowNs);
      },
    } as PickResult;
  }
}

/** Makes the policy known to grpc-js in this thread. Doing it again changes nothing. */
export function registerHostedBalancer(): void {
  if (experimental.isLoadBalancerNameRegistered(HOSTED_BALANCER)) return;
  experimental.registerLoadBalancerType(HOSTED_BALANCER, HostedBalancer, HostedConfig);
}
