/** The proxy: a listener, and a link for each client that connects. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { monotonicNowNs, type NowNs } from '../base/clock.js';
import type { TransportAddress } from '../http2/socket-transport.js';
import type { TargetEvent } from '../targets/protocol.js';
import type { FaultBoard } from './fault-board.js';
import { createProxyCounters, type ProxyCounters } from './proxy-counters.js';
import { ProxyFaults } from './proxy-faults.js';
import { RelayLink } from './relay-link.js';

export interface ProxyOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly upstream: TransportAddress;
  /** What faults draw from; 1 unless told. */
  readonly seed?: number;
  /** Whose faults these are, in what is told of them: a backend's name; `proxy` unless told. */
  readonly name?: string;
  /** The clock that times of faults are of; the machine's monotonic one unless told. */
  readonly now?: NowNs;
  /** Told when faults begin and end. */
  readonly onEvent?: (event: TargetEvent) => void;
  /** A connection ended because the server's did. */
  readonly onLost?: (reason: string) => void;
}

export interface RunningProxy {
  readonly port: number;
  readonly counters: ProxyCounters;
  readonly faults: FaultBoard;
  /** Octets that wait in it, of all connections. */
  readonly heldBytes: number;
  readonly connectionCount: number;
  /** SETTINGS frames to clients that they have not acknowledged. */
  readonly unacknowledgedSettings: number;
  /** Ends everything at once. */
  close(): void;
}

/** Starts a proxy. @throws Error of the listener, when the port cannot be had. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const counters = createProxyCounters();
  const links = new Set<RelayLink>();
  const { seed = 1, name = 'proxy', now = monotonicNowNs, onEvent } = options;
  const faults = new ProxyFaults({ seed, name, now, ...(onEvent && { post: onEvent }) });
  const serve = (socket: Socket) => {
    counters.connectionsAccepted++;
    const link = new RelayLink(socket, {
      upstream: options.upstream,
      counters,
      faults,
      onGone(gone, reason) {
        links.delete(gone);
        faults.closed(gone);
        if (reason === undefined) return;
        counters.upstreamsLost++;
        options.onLost?.(reason);
      },
    });
    links.add(link);
    faults.opened(link);
  };
  const server = createServer({ noDelay: true, pauseOnConnect: true }, serve);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    counters,
    faults,
    get heldBytes() {
      let bytes = 0;
      for (const link of links) bytes += link.heldBytes;
      return bytes;
    },
    get connectionCount() {
      return links.size;
    },
    get unacknowledgedSettings() {
      let frames = 0;
      for (const link of links) frames += link.unacknowledgedSettings;
      return frames;
    },
    close() {
      server.close();
      faults.clear();
      for (const link of links) link.destroy();
    },
  };
}
