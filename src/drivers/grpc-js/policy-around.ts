/**
 * A load balancing policy around another. The policy inside balances; the one around it changes what passes
 * between that and the channel (pickers on the way up, subchannels on the way down), or listens to it.
 *
 * In goes what is particular to a policy; what every one of them hands on unchanged is written here, once.
 */
import { type ChannelOptions, experimental } from '@grpc/grpc-js';

type TypedConfig = experimental.TypedLoadBalancingConfig;
export type Helper = experimental.ChannelControlHelper;

/** What stands under a policy's name in a service config, parsed. */
export interface ParsedAround<Options> {
  /** The policy inside. */
  readonly child: TypedConfig;
  /** What the policy around it was told. */
  readonly options: Options;
}

/** The policy as one channel has it. */
export interface AroundOnChannel<Options> {
  /** What it does in the channel's place, for the policy inside. */
  readonly changes: Partial<Helper>;
  /** New addresses or options came, and the policy inside is told of them next; absent: does not matter. */
  configured?(options: Options, channel: ChannelOptions): void;
}

export interface PolicyAround<Json, Options> {
  /** Under which it stands in a service config. */
  readonly name: string;
  /** @throws Error of what is wrong, which grpc-js passes on. */
  parse(json: Json): ParsedAround<Options>;
  /** The reverse of `parse`. */
  write(parsed: ParsedAround<Options>): object;
  create(helper: Helper): AroundOnChannel<Options>;
}

/** Makes a policy known to grpc-js in this thread. Doing it again changes nothing. */
export function registerPolicyAround<Json, Options>(policy: PolicyAround<Json, Options>): void {
  const { name } = policy;
  if (experimental.isLoadBalancerNameRegistered(name)) return;

  class Config implements TypedConfig {
    readonly parsed: ParsedAround<Options>;

    constructor(parsed: ParsedAround<Options>) {
      this.parsed = parsed;
    }

    static createFromJson(json: Json): Config {
      return new Config(policy.parse(json));
    }

    getLoadBalancerName(): string {
      return name;
    }

    toJsonObject(): object {
      return { [name]: policy.write(this.parsed) };
    }
  }

  class Balancer implements experimental.LoadBalancer {
    readonly #around: AroundOnChannel<Options>;
    readonly #child: experimental.ChildLoadBalancerHandler;

    constructor(helper: Helper) {
      this.#around = policy.create(helper);
      this.#child = new experimental.ChildLoadBalancerHandler(
        experimental.createChildChannelControlHelper(helper, this.#around.changes),
      );
    }

    updateAddressList(
      endpoints: experimental.StatusOr<experimental.Endpoint[]>,
      config: TypedConfig,
      channel: ChannelOptions,
      resolutionNote: string,
    ): boolean {
      if (!(config instanceof Config)) return false;
      const { child, options } = config.parsed;
      this.#around.configured?.(options, channel);
      return this.#child.updateAddressList(endpoints, child, channel, resolutionNote);
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
      return name;
    }
  }

  experimental.registerLoadBalancerType(name, Balancer, Config);
}
