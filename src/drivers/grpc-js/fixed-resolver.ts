/**
 * A name of grpc-js for addresses that never change, where it has none of its own: `ipv4:` takes several
 * IPv4 addresses, and there is nothing for several unix sockets or names of hosts. They are the
 * endpoints of one channel, so that balancers see them one by one; a host's name is looked up at each
 * connection.
 *
 * Resolvers of grpc-js are experimental: this file and `discovery-resolver.ts` are all that touch them.
 */
import { isIPv4 } from 'node:net';
import { experimental } from '@grpc/grpc-js';

const SCHEME = 'squall-fixed';
const UNIX = 'unix:';
/** Paths may hold anything but NUL, so nothing but an encoding keeps them apart. */
const SEPARATOR = ',';
/** The authority of a server without a host: what gRPC says for unix sockets. */
const LOCAL = 'localhost';

/**
 * A target for a client of them all, of a name that is then known to grpc-js in this thread.
 * @param addresses `host:port`, `[v6]:port` or `unix:/path` each.
 */
export function targetOf(addresses: readonly string[]): string {
  const isPlain = addresses.every((address) => isIPv4(address.split(':')[0] ?? ''));
  if (isPlain) return `ipv4:${addresses.join(SEPARATOR)}`;
  register();
  return `${SCHEME}:${addresses.map(encodeURIComponent).join(SEPARATOR)}`;
}

/** @param address `host:port`, `[v6]:port` or `unix:/path`. */
export function subchannelAddress(address: string): experimental.SubchannelAddress {
  if (address.startsWith(UNIX)) return { path: address.slice(UNIX.length) };
  const { host, port } = experimental.splitHostPort(address) ?? {};
  if (host === undefined || port === undefined) throw new Error(`"${address}" has no port`);
  return { host, port };
}

function addressesOf({ path }: experimental.GrpcUri): string[] {
  return path.split(SEPARATOR).map(decodeURIComponent);
}

class FixedResolver implements experimental.Resolver {
  private readonly listener: experimental.ResolverListener;
  private readonly endpoints: experimental.Endpoint[];
  private isTold = false;

  constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.listener = listener;
    this.endpoints = addressesOf(target).map((address) => ({
      addresses: [subchannelAddress(address)],
    }));
  }

  updateResolution(): void {
    if (this.isTold) return;
    this.isTold = true;
    const result = experimental.statusOrFromValue(this.endpoints);
    process.nextTick(() => this.listener(result, {}, null, ''));
  }

  destroy(): void {
    this.isTold = false;
  }

  static getDefaultAuthority(target: experimental.GrpcUri): string {
    const [first = LOCAL] = addressesOf(target);
    return first.startsWith(UNIX) ? LOCAL : first;
  }
}

let isRegistered = false;

function register(): void {
  if (isRegistered) return;
  isRegistered = true;
  experimental.registerResolver(SCHEME, FixedResolver);
}
