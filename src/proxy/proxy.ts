/** The proxy: a listener, and a link for each client that connects. */
import type { Socket } from 'node:net';
import { monotonicNowNs, type NowNs } from '../base/clock.js';
import type { TransportAddress } from '../http2/socket-transport.js';
import type { Certificate } from '../targets/certificate.js';
import type { TargetEvent } from '../targets/protocol.js';
import type { FaultBoard } from './fault-board.js';
import { createProxyCounters, type ProxyCounters } from './proxy-counters.js';
import { ProxyFaults } from './proxy-faults.js';
import { listenForClients, peerOf } from './proxy-listener.js';
import { type LinkContext, RelayLink } from './relay-link.js';

const HANDSHAKE_MS = 20_000;

export interface ProxyOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Shown to clients, who come over TLS then; absent: they come in cleartext. */
  readonly certificate?: Certificate | undefined;
  /** With `tls` it is reached over TLS, whatever the clients use. */
  readonly upstream: TransportAddress;
  /** What faults draw from; 1 unless told. */
  readonly seed?: number;
  /** Whose faults these are, in what is told of them: a backend's name; `proxy` unless told. */
  readonly name?: string;
  /** The clock that times of faults are of; the machine's monotonic one unless told. */
  readonly now?: NowNs;
  /**
   * Whether that is the load's clock. Calls of a load say when they were due, and on another clock that
   * means nothing. Yes unless told.
   */
  readonly isOnLoadClock?: boolean;
  /** Told when faults begin and end. */
  readonly onEvent?: (event: TargetEvent) => void;
  /**
   * How long a server may take to accept a connection and greet, and a client to greet, in ms; 20 s
   * unless told, which is what gRPC's clients wait for a connection.
   */
  readonly handshakeMs?: number;
  /** A connection ended because the server's did. */
  readonly onLost?: (reason: string) => void;
  /** A client did not get as far as HTTP/2. */
  readonly onRefused?: (reason: string) => void;
}

/** A client's connection, as it is now. */
export interface ProxyConnection {
  /** Numbers count from 1, in the order of arrival. */
  readonly id: number;
  /** The client's address. */
  readonly peer: string;
  /** Unix ms. */
  readonly sinceMs: number;
  /** Calls under way. */
  readonly callCount: number;
  /** Octets that wait in it. */
  readonly heldBytes: number;
}

export interface RunningProxy {
  readonly port: number;
  readonly counters: ProxyCounters;
  readonly faults: FaultBoard;
  /** Octets that wait in it, of all connections. */
  readonly heldBytes: number;
  readonly connectionCount: number;
  /** The oldest first. */
  connections(): ProxyConnection[];
  /** SETTINGS frames to clients that they have not acknowledged. */
  readonly unacknowledgedSettings: number;
  /** Ends everything at once. */
  close(): void;
}

/** Starts a proxy. @throws Error of the listener, when the port cannot be had. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { host, port, certificate, upstream } = options;
  const counters = createProxyCounters();
  const links = new Map<RelayLink, Pick<ProxyConnection, 'id' | 'peer' | 'sinceMs'>>();
  const { seed = 1, name = 'proxy', now = monotonicNowNs, isOnLoadClock, onEvent } = options;
  const faults = new ProxyFaults({
    seed,
    name,
    now,
    isOnLoadClock,
    ...(onEvent && { post: onEvent }),
  });
  const isSecure = upstream.tls !== undefined;
  const isSame = isSecure === (certificate !== undefined);
  const context: LinkContext = {
    upstream,
    scheme: isSame ? undefined : isSecure ? 'https' : 'http',
    counters,
    faults,
    handshakeMs: options.handshakeMs ?? HANDSHAKE_MS,
    onGone(gone, reason) {
      links.delete(gone);
      faults.closed(gone);
      if (reason === undefined) return;
      counters.upstreamsLost++;
      options.onLost?.(reason);
    },
  };
  const onSocket = (socket: Socket) => {
    const id = ++counters.connectionsAccepted;
    const link = new RelayLink(socket, context);
    links.set(link, { id, peer: peerOf(socket), sinceMs: Date.now() });
    faults.opened(link);
  };
  const onRefused = (reason: string) => options.onRefused?.(reason);
  const listener = await listenForClients({ host, port, certificate, onSocket, onRefused });
  return {
    port: listener.port,
    counters,
    faults,
    get heldBytes() {
      let bytes = 0;
      for (const link of links.keys()) bytes += link.heldBytes;
      return bytes;
    },
    get connectionCount() {
      return links.size;
    },
    get unacknowledgedSettings() {
      let frames = 0;
      for (const link of links.keys()) frames += link.unacknowledgedSettings;
      return frames;
    },
    connections: () =>
      [...links].map(([{ callCount, heldBytes }, place]) => ({ ...place, callCount, heldBytes })),
    close() {
      listener.close();
      faults.clear();
      for (const link of links.keys()) link.destroy();
    },
  };
}
