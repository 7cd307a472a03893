/** Where a backend is, as the wire driver needs to know it: for connecting, and in each request. */
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import type { TransportAddress } from '../../http2/socket-transport.js';
import type { ClientTls } from '../spec.js';

export interface WireAddress {
  /** As it was given: `127.0.0.1:50051`, `unix:/run/chat.sock`. */
  readonly name: string;
  readonly where: TransportAddress;
  /** What requests say: the name of the server, and how it is reached. */
  readonly authority: string;
  readonly scheme: 'http' | 'https';
}

const UNIX = 'unix:';
/** The authority of a server without a host: what gRPC says for unix sockets. */
const LOCAL = 'localhost';

/** The context in it is made here, once for all connections. */
export function tlsOptionsOf({ ca, cert, key, serverName }: ClientTls): ConnectionOptions {
  return {
    secureContext: createSecureContext({ ca, cert, key }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

/** @param names `host:port`, `[v6]:port` or `unix:/path`. */
export function wireAddresses(
  names: readonly string[],
  tls: ClientTls | undefined,
): readonly WireAddress[] {
  // Made once: certificates are not read again for each connection.
  const context = tls === undefined ? {} : { tls: tlsOptionsOf(tls) };
  const scheme = tls === undefined ? 'http' : 'https';
  return names.map((name): WireAddress => {
    if (name.startsWith(UNIX)) {
      const where = { path: name.slice(UNIX.length), ...context };
      return { name, where, authority: LOCAL, scheme };
    }
    const split = name.lastIndexOf(':');
    const host = name.slice(0, split).replace(/^\[(.*)\]$/, '$1');
    const where = { host, port: Number(name.slice(split + 1)), ...context };
    return { name, where, authority: name, scheme };
  });
}
