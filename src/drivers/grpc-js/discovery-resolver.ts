/**
 * A name of grpc-js whose addresses are what a `Discovery` says, so that discovery faults act where real
 * ones do: under the channel, on what its resolver tells its balancer. It is used for clients of
 * variants with such faults only.
 *
 * Resolvers of grpc-js are experimental: this file and `fixed-resolver.ts` are all that touch them.
 */
import { experimental, Metadata } from '@grpc/grpc-js';
import type { Discovery, DiscoveryClient, Resolution } from '../discovery.js';
import { subchannelAddress } from './fixed-resolver.js';

const SCHEME = 'squall-discovery';
const UNIX = 'unix:';

interface Source {
  readonly discovery: Discovery;
  readonly authority: string;
}

/** By the paths of their names. grpc-js makes a channel's resolver from its name alone. */
const sources = new Map<string, Source>();
let nextId = 0;

export interface DiscoveryTarget extends Disposable {
  /** The name to make channels for. */
  readonly target: string;
  /** Call it when the channels are closed. */
  [Symbol.dispose](): void;
}

/**
 * Gives a discovery a name that grpc-js knows in this thread.
 * @param addresses of all backends; calls say the first as their authority, as they do without faults.
 */
export function discoveryTarget(
  discovery: Discovery,
  addresses: readonly string[],
): DiscoveryTarget {
  if (nextId === 0) experimental.registerResolver(SCHEME, DiscoveryResolver);
  const id = String(nextId++);
  const [first = ''] = addresses;
  sources.set(id, { discovery, authority: first.startsWith(UNIX) ? 'localhost' : first });
  return {
    target: `${SCHEME}:${id}`,
    [Symbol.dispose]: () => void sources.delete(id),
  };
}

class DiscoveryResolver implements experimental.Resolver {
  readonly #client: DiscoveryClient;

  constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#client = sourceOf(target).discovery.subscribe((said) =>
      listener(resultOf(said), {}, null, ''),
    );
  }

  updateResolution(): void {
    this.#client.ask();
  }

  destroy(): void {
    this.#client.close();
  }

  static getDefaultAuthority(target: experimental.GrpcUri): string {
    return sourceOf(target).authority;
  }
}

function sourceOf({ path }: experimental.GrpcUri): Source {
  const source = sources.get(path);
  if (source === undefined) throw new Error(`no discovery "${path}"`);
  return source;
}

function resultOf(said: Resolution): experimental.StatusOr<experimental.Endpoint[]> {
  if ('code' in said) {
    return experimental.statusOrFromError({ ...said, metadata: new Metadata() });
  }
  const endpoints = said.backends.map(({ address }) => ({
    addresses: [subchannelAddress(address)],
  }));
  return experimental.statusOrFromValue(endpoints);
}
