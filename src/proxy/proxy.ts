/** The proxy: a listener, and a link for each client that connects. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TransportAddress } from '../http2/socket-transport.js';
import { createProxyCounters, type ProxyCounters } from './proxy-counters.js';
import { RelayLink } from './relay-link.js';

export interface ProxyOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly upstream: TransportAddress;
  /** A connection ended because the server's did. */
  readonly onLost?: (reason: string) => void;
}

export interface RunningProxy {
  readonly port: number;
  readonly counters: ProxyCounters;
  /** Octets that wait in it, of all connections. */
  readonly heldBytes: number;
  readonly connectionCount: number;
  /** Ends everything at once. */
  close(): void;
}

/** Starts a proxy. @throws Error of the listener, when the port cannot be had. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const counters = createProxyCounters();
  const links = new Set<RelayLink>();
  const serve = (socket: Socket) => {
    counters.connectionsAccepted++;
    const link = new RelayLink(socket, {
      upstream: options.upstream,
      counters,
      onGone(gone, reason) {
        links.delete(gone);
        if (reason === undefined) return;
        counters.upstreamsLost++;
        options.onLost?.(reason);
      },
    });
    links.add(link);
  };
  const server = createServer({ noDelay: true, pauseOnConnect: true }, serve);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    counters,
    get heldBytes() {
      let bytes = 0;
      for (const link of links) bytes += link.heldBytes;
      return bytes;
    },
    get connectionCount() {
      return links.size;
    },
    close() {
      server.close();
      for (const link of links) link.destroy();
    },
  };
}
