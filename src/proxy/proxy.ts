/** The proxy: a listener, and a link for each client that connects. */
import { monotonicNowNs, type NowNs } from '../base/clock.js';
import type { TransportAddress } from '../http2/socket-transport.js';
import type { ServerTls } from '../targets/fleet-tls.js';
import type { TargetEvent } from '../targets/protocol.js';
import { type BalancedContext, BalancedLink } from './balanced-link.js';
import { type BalancePolicy, Balancer, type Upstream, type UpstreamPlace } from './balancer.js';
import type { ShapedSocket } from './bytes/shaped-socket.js';
import { startTcpFront } from './bytes/tcp-front.js';
import type { FaultBoard } from './fault-board.js';
import type { Link } from './link.js';
import { createProxyCounters, type ProxyCounters } from './proxy-counters.js';
import { ProxyFaults } from './proxy-faults.js';
import { type LinkContext, RelayLink } from './relay-link.js';
import { schemeBetween } from './scheme.js';
import { createTlsEntrance } from './tls-entrance.js';

/** Servers behind one listener: calls of all clients are spread over them. */
export interface BalancedUpstreams {
  readonly balance: BalancePolicy;
  /** One or more. */
  readonly places: readonly UpstreamPlace[];
}

const HANDSHAKE_MS = 20_000;

export interface ProxyOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Shown to clients, who come over TLS then; absent: they come in cleartext. */
  readonly certificate?: ServerTls | undefined;
  /** The one server, or several that calls are spread over. With `tls` it is reached over TLS. */
  readonly upstream: TransportAddress | BalancedUpstreams;
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
  /** Where it counts; counters of its own when absent. */
  readonly counters?: ProxyCounters;
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
  /** Those that calls are spread over, with what each was given; none without `balance`. */
  readonly upstreams: readonly Upstream[];
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
  const { host, port, certificate, upstream, counters = createProxyCounters() } = options;
  const links = new Map<Link, Pick<ProxyConnection, 'id' | 'peer' | 'sinceMs'>>();
  const { seed = 1, name = 'proxy', now = monotonicNowNs, isOnLoadClock, onEvent } = options;
  const onUpstreamLost = (reason: string) => {
    counters.upstreamsLost++;
    options.onLost?.(reason);
  };
  const entrance =
    certificate && createTlsEntrance(certificate, (reason) => options.onRefused?.(reason));
  const front = await startTcpFront({
    host,
    port,
    seed,
    entrance,
    serve: (socket) => serve(socket),
    // What comes later (no more file descriptors) costs a client its connection, and nobody else.
    onProblem: (reason) => options.onRefused?.(`a client was not accepted: ${reason}`),
  });
  const faults = new ProxyFaults({
    seed,
    name,
    now,
    isOnLoadClock,
    octets: front.faults,
    ...(onEvent && { post: onEvent }),
  });
  const common = {
    counters,
    faults,
    handshakeMs: options.handshakeMs ?? HANDSHAKE_MS,
    onUpstreamLost,
    onGone(gone: Link, reason?: string) {
      links.delete(gone);
      faults.closed(gone);
      if (reason !== undefined) onUpstreamLost(reason);
    },
  };
  const isSecure = certificate !== undefined;
  const balancer = isBalanced(upstream)
    ? new Balancer(upstream.places, upstream.balance)
    : undefined;
  const open =
    balancer === undefined
      ? relayed(upstream as TransportAddress, isSecure, common)
      : balanced({ ...common, balancer, isSecure });
  const serve = (socket: ShapedSocket) => {
    const id = ++counters.connectionsAccepted;
    const link = open(socket);
    links.set(link, { id, peer: socket.peer, sinceMs: Date.now() });
    faults.opened(link);
  };
  return {
    port: front.port,
    counters,
    upstreams: balancer?.upstreams ?? [],
    faults,
    get heldBytes() {
      let bytes = front.heldBytes;
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
      faults.clear();
      front.close();
      for (const link of links.keys()) link.destroy();
    },
  };
}

function isBalanced(upstream: ProxyOptions['upstream']): upstream is BalancedUpstreams {
  return 'balance' in upstream;
}

type OpenLink = (socket: ShapedSocket) => Link;

/** @param isSecure clients come over TLS. */
function relayed(
  upstream: TransportAddress,
  isSecure: boolean,
  context: Omit<LinkContext, 'upstream' | 'scheme'>,
): OpenLink {
  const scheme = schemeBetween(isSecure, upstream.tls !== undefined);
  const whole = { ...context, upstream, scheme };
  return (socket) => new RelayLink(socket, whole);
}

const balanced =
  (context: BalancedContext): OpenLink =>
  (socket) =>
    new BalancedLink(socket, context);
