/**
 * One backend: a grpc-js server on loopback with the chat, health and reflection services, its
 * faults and its counts. It runs in a process of its own (`target-process.ts`) and knows nothing of
 * that.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { callAt, loadClock, monotonicNowNs } from '../base/clock.js';
import { actsOn } from '../faults/decide.js';
import { createCallHost } from './call-host.js';
import { createChatService } from './chat-service.js';
import { playFaults } from './fault-timeline.js';
import { createHealthBoard } from './health-board.js';
import { createHealthService } from './health-service.js';
import { hostInterceptor } from './hosted-call.js';
import type { TargetConfig, TargetEvent, TargetSnapshot } from './protocol.js';
import { CHAT_SERVICE, HEALTH_SERVICE, loadProtos, rawChatService, serviceOf } from './protos.js';
import { postSnapshots } from './snapshots.js';
import { createTargetCounters, NO_QUEUE } from './target-counters.js';

/** Where a backend reports to. */
export interface TargetReporter {
  snapshot(snapshot: TargetSnapshot): void;
  event(event: TargetEvent): void;
}

/** A server that listens. */
export interface Target {
  readonly port: number;
  /** Sets the load clock's zero, plays the faults on it and posts snapshots. Called once. */
  begin(zeroNs: number): void;
  /** Reports what is left and closes every connection, whatever is open on it. */
  stop(): void;
}

const HOST = '127.0.0.1';

/** The port could not be bound; the message is the system's reason. */
export class BindError extends Error {
  override readonly name = 'BindError';
}

/** @throws BindError */
export async function startTarget(config: TargetConfig, reporter: TargetReporter): Promise<Target> {
  const { backend, seed, intervalNs } = config;
  const windows = config.faults.filter((window) => actsOn(window, backend.name));
  const counters = createTargetCounters();
  const host = createCallHost({
    seed,
    windows,
    capacity: backend.capacity,
    counters,
    now: monotonicNowNs,
  });
  let now = () => 0;
  const board = createHealthBoard(['', CHAT_SERVICE], (service, status) => {
    const detail = `${backend.name}: service "${service}" is ${status ?? 'unknown'}`;
    reporter.event({ atNs: now(), kind: 'health', detail, subject: backend.name });
  });

  const server = new Server({
    // Channelz keeps books per call that nobody here reads.
    'grpc.enable_channelz': 0,
    interceptors: [hostInterceptor(host)],
  });
  const protos = loadProtos();
  server.addService(rawChatService(protos), createChatService(counters.messages));
  server.addService(serviceOf(protos, HEALTH_SERVICE), createHealthService(board, counters.health));
  new ReflectionService(protos).addToServer(server);
  const port = await bind(server, backend.port);

  const take = () => counters.take(host.queue?.takeCounts() ?? NO_QUEUE, host.faults.takeCounts());
  let stopFaults = () => {};
  let stopSnapshots = () => {};
  return {
    port,
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
        post: reporter.snapshot,
      });
    },
    stop() {
      stopFaults();
      stopSnapshots();
      host.queue?.close();
      server.forceShutdown();
    },
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${HOST}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new BindError(reasonOf(error), { cause: error }));
    });
  });
}

/** `listen EADDRINUSE: address already in use …` out of the frame that grpc-js puts around it. */
function reasonOf({ message }: Error): string {
  return /errors: \[(.*)\]$/.exec(message)?.[1] ?? message;
}
