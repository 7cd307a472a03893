/**
 * One backend: a server on loopback with the chat, health and reflection services, its faults and
 * its counts. Which kind of server is the plan's choice and makes no other difference. It runs in a
 * process of its own (`target-process.ts`) and knows nothing of that.
 */
import { callAt, loadClock, monotonicNowNs } from '../base/clock.js';
import { actsOn } from '../faults/decide.js';
import type { LoggedCall } from '../metrics/call-log.js';
import type { TargetCounts } from '../metrics/record.js';
import { createCallHost } from './call-host.js';
import { playFaults } from './fault-timeline.js';
import { startGrpcJsServer } from './grpc-js-server.js';
import { createHealthBoard } from './health-board.js';
import { processCpu } from './process-cpu.js';
import type { TargetConfig, TargetEvent, TargetSnapshot } from './protocol.js';
import { CHAT_SERVICE, loadProtos } from './protos.js';
import type { StartServer } from './server.js';
import { openServerChain } from './server-chain.js';
import { postSnapshots } from './snapshots.js';
import type { ServerKind } from './spec.js';
import { createTargetCounters, NO_QUEUE } from './target-counters.js';
import { startWireServer } from './wire-server.js';

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
  /** Sets the load clock's zero, plays the faults on it and posts snapshots. Called once. */
  begin(zeroNs: number): void;
  /** Reports what is left and closes every connection, whatever is open on it. */
  stop(): void;
}

const SERVERS: Readonly<Record<ServerKind, StartServer>> = {
  'grpc-js': startGrpcJsServer,
  wire: startWireServer,
};

/** @throws BindError */
export async function startTarget(config: TargetConfig, reporter: TargetReporter): Promise<Target> {
  const { backend, seed, intervalNs } = config;
  const windows = config.faults.filter((window) => actsOn(window, backend.name));
  const counters = createTargetCounters();
  const chain = await openServerChain(config, counters);
  const host = createCallHost({
    seed,
    windows,
    capacity: backend.capacity,
    counters: chain?.hostCounters ?? counters,
    now: monotonicNowNs,
  });
  let now = () => 0;
  const board = createHealthBoard(['', CHAT_SERVICE], (service, status) => {
    const detail = `${backend.name}: service "${service}" is ${status ?? 'unknown'}`;
    reporter.event({ atNs: now(), kind: 'health', detail, subject: backend.name });
  });

  const start = SERVERS[backend.server ?? 'grpc-js'];
  const { socketPath, certificate } = config;
  const { port } = backend;
  const { interceptors = [] } = chain ?? {};
  const protos = loadProtos();
  const server = await start({ port, socketPath, certificate, host, board, protos, interceptors });

  const takeCpuNs = processCpu();
  const take = (): TargetCounts => {
    const counted = chain?.observations.takeCounts() ?? [];
    return {
      ...counters.take(host.queue?.takeCounts() ?? NO_QUEUE, host.faults.takeCounts()),
      cpuNs: takeCpuNs(),
      ...(counted.length === 0 ? {} : { interceptors: counted }),
    };
  };
  const post = (snapshot: TargetSnapshot) => {
    reporter.snapshot(snapshot);
    const logged = chain?.observations.takeLogged() ?? [];
    if (logged.length > 0) reporter.log?.(logged);
  };
  let stopFaults = () => {};
  let stopSnapshots = () => {};
  return {
    port: server.port,
    begin(zeroNs) {
      now = loadClock(zeroNs);
      host.begin(zeroNs);
      const onLoadClock = (atNs: number, fire: () => void) => callAt(zeroNs + atNs, fire);
      stopFaults = playFaults({
        windows,
        backend: backend.name,
        now,
        callAt: onLoadClock,
        overrideHealth: board.override,
        post: reporter.event,
      });
      stopSnapshots = postSnapshots({
        intervalNs,
        now,
        callAt: onLoadClock,
        take,
        post,
      });
    },
    stop() {
      stopFaults();
      stopSnapshots();
      host.queue?.close();
      server.close();
    },
  };
}
