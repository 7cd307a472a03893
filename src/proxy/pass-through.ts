/**
 * A proxy that hands octets on as they come and sees nothing in them: for TLS that must not end on the way,
 * or what is no HTTP/2 at all. Faults on octets are what it can carry out.
 */
import { monotonicNowNs, type NowNs } from '../base/clock.js';
import type { TargetEvent } from '../targets/protocol.js';
import { ByteBoard } from './byte-board.js';
import { ByteRelay } from './bytes/byte-relay.js';
import { startTcpFront } from './bytes/tcp-front.js';
import type { FaultBoard } from './fault-board.js';
import type { ProxyConnection } from './proxy.js';

export interface PassThroughOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly upstream: { readonly host?: string; readonly port?: number; readonly path?: string };
  /** What faults draw from. */
  readonly seed: number;
  /** Whose faults these are, in what is told of them: a backend's name; `proxy` unless told. */
  readonly name?: string;
  /** The clock that times of faults are of; the machine's monotonic one unless told. */
  readonly now?: NowNs;
  /** Told when faults begin and end. */
  readonly onEvent: (event: TargetEvent) => void;
  /** A connection ended because the server's could not be had or failed, or the port was lost. */
  readonly onLost: (reason: string) => void;
}

/** What it counts, from its start. */
export interface PassThroughCounters {
  connectionsAccepted: number;
  /** Upstream connections that could not be had, or failed. */
  upstreamsLost: number;
  /** Octets of connections that are over: from clients, and from the server. */
  bytesUp: number;
  bytesDown: number;
}

export interface RunningPassThrough {
  readonly port: number;
  readonly counters: PassThroughCounters;
  readonly faults: FaultBoard;
  /** Octets that faults hold, of all connections. */
  readonly heldBytes: number;
  /** The oldest first, without those that a fault keeps waiting. Calls are not seen. */
  connections(): Omit<ProxyConnection, 'callCount'>[];
  /** Ends everything at once. */
  close(): void;
}

/** @throws Error of the system, when the port cannot be had. */
export async function startPassThrough(options: PassThroughOptions): Promise<RunningPassThrough> {
  const { host, port, seed, upstream, onEvent, onLost } = options;
  const { name = 'proxy', now = monotonicNowNs } = options;
  const counters = { connectionsAccepted: 0, upstreamsLost: 0, bytesUp: 0, bytesDown: 0 };
  const relays = new Map<ByteRelay, () => Omit<ProxyConnection, 'callCount'>>();
  const front = await startTcpFront({
    host,
    port,
    seed,
    serve(client) {
      const place = {
        id: ++counters.connectionsAccepted,
        peer: client.peer,
        sinceMs: Date.now(),
      };
      const relay: ByteRelay = new ByteRelay(client, {
        upstream,
        onEnd({ reason, bytesUp, bytesDown }) {
          relays.delete(relay);
          counters.bytesUp += bytesUp;
          counters.bytesDown += bytesDown;
          if (reason === undefined) return;
          counters.upstreamsLost++;
          onLost(reason);
        },
      });
      relays.set(relay, () => ({ ...place, heldBytes: client.heldBytes }));
    },
    onProblem: onLost,
  });
  const faults = new ByteBoard({ name, octets: front.faults, now, post: onEvent });
  return {
    port: front.port,
    counters,
    faults,
    get heldBytes() {
      return front.heldBytes;
    },
    connections: () => [...relays.values()].map((view) => view()),
    close() {
      faults.clear();
      front.close();
      for (const relay of relays.keys()) relay.destroy();
    },
  };
}
