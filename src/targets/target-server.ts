/**
 * One backend: a server on loopback with the chat, health, load report and reflection services, its
 * faults and its counts. Which kind of server is the plan's choice and makes no other difference. It runs in a
 * process of its own (`target-process.ts`) and knows nothing of that.
 */
import { callAt, loadClock, monotonicNowNs, NS_PER_MS } from '../base/clock.js';
import { createRng, hashName, hashNumbers } from '../base/rng.js';
import { actsOn } from '../faults/decide.js';
import type { LoggedCall } from '../metrics/call-log.js';
import type { TargetCounts } from '../metrics/record.js';
import { windowCounts } from '../metrics/window-counts.js';
import { countAcceptedConnections } from './accepted-connections.js';
import { createCallHost } from './call-host.js';
import { playFaults } from './fault-timeline.js';
import { startGrpcJsServer } from './grpc-js-server.js';
import { healthEvent } from './health-event.js';
import { actOnHost, isOfServer } from './host-faults.js';
import { createLoadMeter } from './load-report.js';
import { createLoadReports } from './load-report-service.js';
import { openNextTier } from './next-tier.js';
import { OUTBOX_DEFAULT } from './outbox.js';
import { processCpu } from './process-cpu.js';
import type { Peers, TargetConfig, TargetEvent, TargetSnapshot } from './protocol.js';
import { loadProtos } from './protos.js';
import { createServedSamples } from './served-samples.js';
import type { StartServer } from './server.js';
import { openServerChain } from './server-chain.js';
import { createServerHealth } from './server-health.js';
import { NO_QUEUE } from './service-queue.js';
import { postSnapshots } from './snapshots.js';
import type { ServerKind } from './spec.js';
import { createTargetCounters } from './target-counters.js';
import { createUnhealthyArrivals } from './unhealthy-arrivals.js';
import { startWireServer } from './wire-server.js';
import { within } from './within.js';

/** Where a backend reports to. */
export interface TargetReporter {
  snapshot(snapshot: TargetSnapshot): void;
  event(event: TargetEvent): void;
  /** Calls that the backend's interceptors logged. */
  log?(calls: readonly LoggedCall[]): void;
}

/** A server that listens. */
export interface Target {
  readonly port: number;
  /**
   * Sets the load clock's zero, plays the faults on it, looks after its health and posts snapshots, all
   * from a moment of that clock: 0, or when it came up again. Called once.
   */
  begin(zeroNs: number, fromNs: number, peers: Peers): void;
  /**
   * Takes no new calls and lets those that it has end; says NOT_SERVING meanwhile. Settles when no
   * connection is left, or after so many ns. `stop` follows.
   */
  drain(graceNs: number): Promise<void>;
  /** Reports what is left and closes every connection, whatever is open on it. */
  stop(): void;
}

const SERVERS: Readonly<Record<ServerKind, StartServer>> = {
  'grpc-js': startGrpcJsServer,
  wire: startWireServer,
};

/** @throws BindError */
export async function startTarget(config: TargetConfig, reporter: TargetReporter): Promise<Target> {
  const { backend, intervalNs } = config;
  const seed = seedOf(config);
  const windows = config.faults.filter(
    (window) => actsOn(window, backend.name) && isOfServer(window),
  );
  const unhealthy = createUnhealthyArrivals(monotonicNowNs);
  const counters = createTargetCounters(unhealthy);
  const chain = await openServerChain(config, counters);
  const next =
    backend.next &&
    config.next &&
    openNextTier(backend.next, config.next, { backend: backend.name, seed });
  const samples = createServedSamples(config.seed, config.sampleShare ?? 0, monotonicNowNs);
  const host = createCallHost({
    seed,
    windows,
    samples,
    capacity: backend.capacity,
    next,
    counters: chain?.hostCounters ?? counters,
    now: monotonicNowNs,
  });
  let now = () => 0;
  const health = createServerHealth(backend, (change) => {
    unhealthy.changed(change.names, change.status);
    reporter.event(healthEvent(backend.name, change, now()));
  });

  const loadReports = createLoadReports(
    createLoadMeter({ counters, queue: host.queue, slots: backend.capacity?.slots ?? 0 }),
  );

  const start = SERVERS[backend.server ?? 'grpc-js'];
  const { socketPath, certificate } = config;
  const { port, outbox = OUTBOX_DEFAULT, limits = {}, compression, keepalive, options } = backend;
  const connections = countAcceptedConnections();
  const server = await start({
    ...{ port, socketPath, certificate, host, health, outbox, limits, compression, keepalive },
    options,
    loadReports: loadReports.implementation,
    protos: loadProtos(),
    random: createRng(seed, `connections/${backend.name}`),
    interceptors: chain?.interceptors ?? [],
  });

  const takeCpuNs = processCpu();
  const take = (): TargetCounts => {
    const counted = chain?.observations.takeCounts() ?? [];
    return {
      ...counters.take(host.queue?.takeCounts() ?? NO_QUEUE, host.faults.takeCounts()),
      cpuNs: takeCpuNs(),
      connections: connections.take(socketPath ?? server.port),
      ...windowCounts(server.takeWindowWaits?.()),
      ...(counted.length === 0 ? {} : { interceptors: counted }),
    };
  };
  let loadZeroNs = 0;
  const post = (snapshot: TargetSnapshot) => {
    const taken = samples.take(loadZeroNs);
    reporter.snapshot({ ...snapshot, ...(taken.length === 0 ? {} : { samples: taken }) });
    const logged = chain?.observations.takeLogged() ?? [];
    if (logged.length > 0) reporter.log?.(logged);
  };
  const hostParts = {
    overrideHealth: health.board.override,
    overrideWatch: health.watches.override,
    scaleService: host.scale.add,
    callFaults: host.faults,
  };
  let stopFaults = () => {};
  let stopChecks = () => {};
  let stopSnapshots = () => {};
  return {
    port: server.port,
    begin(zeroNs, fromNs, peers) {
      now = loadClock(zeroNs);
      loadZeroNs = zeroNs;
      host.begin(zeroNs);
      next?.begin(zeroNs);
      const onLoadClock = (atNs: number, fire: () => void) => callAt(zeroNs + atNs, fire);
      stopFaults = playFaults({
        windows,
        backend: backend.name,
        now,
        fromNs,
        callAt: onLoadClock,
        act: (window, at) => actOnHost(window, hostParts, at),
        post: reporter.event,
      });
      stopChecks = health.startChecks({
        now,
        callAt: onLoadClock,
        waiting: () => host.queue?.waiting ?? 0,
        peers,
        tls: config.peerTls,
      });
      stopSnapshots = postSnapshots({
        intervalNs,
        fromNs,
        now,
        callAt: onLoadClock,
        take,
        post,
      });
    },
    async drain(graceNs) {
      const { board } = health;
      for (const name of board.names()) board.override(name, 'NOT_SERVING');
      loadReports.end();
      await within(graceNs / NS_PER_MS, server.drain());
    },
    stop() {
      stopFaults();
      stopChecks();
      stopSnapshots();
      host.queue?.close();
      server.close();
      connections[Symbol.dispose]();
      next?.close();
    },
  };
}

/** What is drawn for a call on one tier says nothing of what is drawn for it on another. */
function seedOf({ seed, tier }: TargetConfig): number {
  return tier === undefined ? seed : hashNumbers(seed, hashName(tier));
}
