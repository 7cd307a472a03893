/**
 * A name of grpc-js for several unix sockets: its own `unix:` has one. The sockets are the endpoints
 * of one channel, so that balancers see them as they would see addresses.
 *
 * Resolvers of grpc-js are experimental: this file and `discovery-resolver.ts` are all that touch them.
 */
import { experimental } from '@grpc/grpc-js';

const SCHEME = 'squall-unix';
const UNIX = 'unix:';
/** Paths may hold anything but NUL, so nothing but an encoding keeps them apart. */
const SEPARATOR = ',';

/** Whether backends are reached by unix sockets; a fleet's all are, or none is. */
export function isUnix(addresses: readonly string[]): boolean {
  return addresses.some((address) => address.startsWith(UNIX));
}

/** @param addresses `unix:/path` each. */
export function unixTarget(addresses: readonly string[]): string {
  const paths = addresses.map((address) => encodeURIComponent(address.slice(UNIX.length)));
  return `${SCHEME}:${paths.join(SEPARATOR)}`;
}

class UnixResolver implements experimental.Resolver {
  private readonly listener: experimental.ResolverListener;
  private readonly endpoints: experimental.Endpoint[];
  private isTold = false;

  constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.listener = listener;
    this.endpoints = target.path
      .split(SEPARATOR)
      .map((path) => ({ addresses: [{ path: decodeURIComponent(path) }] }));
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

  static getDefaultAuthority(): string {
    return 'localhost';
  }
}

let isRegistered = false;

/** Makes the name known to grpc-js in this thread. Doing it again changes nothing. */
export function registerUnixResolver(): void {
  if (isRegistered) return;
  isRegistered = true;
  experimental.registerResolver(SCHEME, UnixResolver);
}
