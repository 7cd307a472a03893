/**
 * What a worker thread does: one shard of one variant, from connecting to the last snapshot.
 *
 * piscina calls `runShard` in each thread. It connects, says `ready`, and waits for `begin`, so that
 * all workers start on the same zero of the load clock; then it posts a snapshot per interval. It
 * returns when every call has ended or been cut off.
 */
import type { MessagePort } from 'node:worker_threads';
import { loadClock, NS_PER_SECOND } from '../base/clock.js';
import { type Deferred, deferred } from '../base/deferred.js';
import { type Due, DueQueue } from '../base/due-queue.js';
import { RunError } from '../base/errors.js';
import { createRng } from '../base/rng.js';
import type { CallChannel } from '../calls/channel.js';
import { createDriver } from '../drivers/create-driver.js';
import type { Driver } from '../drivers/driver.js';
import { methodConfigsOf } from '../drivers/method-configs.js';
import type { ChainObservations } from '../interceptors/observations.js';
import { windowCounts } from '../metrics/window-counts.js';
import { openClientChain } from './client-chain.js';
import { ClientDiscovery, type WorkerEvent } from './client-discovery.js';
import { tellOfEjections } from './client-ejections.js';
import { ClientHealth } from './client-health.js';
import { EarlyEvents } from './early-events.js';
import { GeneratorProbe } from './generator-probe.js';
import { LoadRun } from './load-run.js';
import { LostConnections } from './lost-connections.js';
import { createPlaces } from './places.js';
import type { FromWorker, ShardTask, Snapshot, ToWorker } from './protocol.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** Calls get so long to end once the load is over: their deadline, or this where they have none. */
const DRAIN_NS = 2 * NS_PER_SECOND;
/** After a `stop` nobody wants to wait long. */
const STOP_DRAIN_NS = NS_PER_SECOND / 2;
const DRAIN_POLL_MS = 5;
/** Calls that are cut off end at once, unless something on their way keeps their end to itself. */
const CUT_OFF_NS_MAX = 5 * NS_PER_SECOND;

/** What piscina hands over: the task, and the port to the conductor in the transfer list. */
export interface ShardInput {
  readonly task: ShardTask;
  readonly port: MessagePort;
}

export async function runShard({ task, port }: ShardInput): Promise<void> {
  // A call that failed is data; nobody reads its error's stack, and taking one costs microseconds.
  Error.stackTraceLimit = 0;
  const begun = deferred<number | undefined>();
  const stopped = deferred();
  port.on('message', (message: ToWorker) => {
    if (message.type === 'begin') begun.resolve(message.zeroNs);
    else {
      stopped.resolve();
      begun.resolve(undefined);
    }
  });
  const post = (message: FromWorker) => port.postMessage(message);
  try {
    const { interceptors, observations } = await openClientChain(task);
    using _ = observations;
    const lost = new LostConnections();
    using resolution =
      task.discovery === undefined ? null : new ClientDiscovery({ ...task, ...task.discovery });
    const places = createPlaces(task);
    const events = new EarlyEvents();
    const health = new ClientHealth(events, task.worker, places.nameOf);
    using driver = createDriver(task.addresses, task.client, {
      random: createRng(task.seed, `connections/${task.worker}`),
      onConnectionLost: (address, reason) => lost.add(address, reason),
      interceptors,
      zones: places.zones,
      onHealth: health.onHealth,
      onEjection: tellOfEjections(events, task.worker, places.nameOf),
      ...(resolution === null ? {} : { discovery: resolution.discovery }),
    });
    await driver.ready(task.connectTimeoutMs ?? CONNECT_TIMEOUT_MS);
    post({ type: 'ready' });
    const zeroNs = await begun.promise;
    if (zeroNs !== undefined) {
      using shard = new Shard(task, driver, zeroNs, stopped, observations);
      // Whatever connecting took: it has succeeded.
      lost.take();
      const tell = (event: WorkerEvent) => post({ type: 'event', event });
      resolution?.begin(zeroNs, tell);
      events.begin(zeroNs, tell);
      await shard.run((snapshot) => {
        const asked = resolution === null ? {} : { discovery: resolution.takeCounts() };
        post({ type: 'snapshot', snapshot: { ...snapshot, ...asked } });
        for (const { firstNs, ...rest } of lost.take()) {
          post({ type: 'connection-lost', lost: { ...rest, atNs: firstNs - zeroNs } });
        }
        const calls = observations.takeLogged();
        if (calls.length > 0) post({ type: 'log', calls });
      });
    }
  } finally {
    port.close();
  }
}

/** The loads of one shard on one load clock. */
class Shard implements Disposable {
  private readonly task: ShardTask;
  private readonly driver: Driver;
  private readonly now: () => number;
  private readonly queue: DueQueue;
  private readonly loads: readonly LoadRun[];
  private readonly probe: GeneratorProbe;
  private readonly stopped: Deferred<void>;
  private readonly observations: ChainObservations;
  private snapshotFromNs = 0;

  constructor(
    task: ShardTask,
    driver: Driver,
    zeroNs: number,
    stopped: Deferred<void>,
    observations: ChainObservations,
  ) {
    this.task = task;
    this.driver = driver;
    this.observations = observations;
    this.stopped = stopped;
    this.now = loadClock(zeroNs);
    this.queue = new DueQueue(this.now, task.pacing);
    this.probe = new GeneratorProbe(this.now, () => this.queue.takeIdleNs());
    const environment = {
      ...task,
      hedges: methodConfigsOf(task.client.serviceConfig).some((one) => 'hedgingPolicy' in one),
      samplesAll: task.client.driver === 'grpc-js',
      now: this.now,
      zeroNs,
      at: (dueNs: number, run: Due) => this.queue.at(dueNs, run),
      channel: roundRobin(driver.channels),
    };
    this.loads = task.loads.map((spec) => new LoadRun(spec, environment));
  }

  async run(post: (snapshot: Snapshot) => void): Promise<void> {
    const { durationNs, intervalNs } = this.task;
    const over = deferred();
    const snapshotAt = (dueNs: number) => {
      post(this.snapshot());
      this.queue.at(dueNs + intervalNs, snapshotAt);
    };
    for (const load of this.loads) load.begin();
    this.queue.at(intervalNs, snapshotAt);
    this.queue.at(durationNs, () => over.resolve());
    const early = await Promise.race([over.promise, this.stopped.promise.then(() => true)]);
    for (const load of this.loads) load.stop();
    await this.drain(early === true ? STOP_DRAIN_NS : this.drainNs());
    post(this.snapshot());
  }

  [Symbol.dispose](): void {
    this.queue.clear();
    this.probe[Symbol.dispose]();
  }

  /** Long enough for every call with a deadline to meet it. */
  private drainNs(): number {
    return Math.max(DRAIN_NS, ...this.task.loads.map((load) => (load.deadlineNs ?? 0) * 1.1));
  }

  /** Waits until no call is open; what is open after `limitNs`, or at a second `stop`, is cut off. */
  private async drain(limitNs: number): Promise<void> {
    const untilNs = this.now() + limitNs;
    while (this.inFlight() > 0 && this.now() < untilNs) await sleep(DRAIN_POLL_MS);
    for (const load of this.loads) load.abandon();
    const endNs = this.now() + CUT_OFF_NS_MAX;
    while (this.inFlight() > 0 && this.now() < endNs) await sleep(DRAIN_POLL_MS);
    if (this.inFlight() === 0) return;
    const open = this.inFlight();
    throw new RunError(
      `${open} calls did not end when they were cancelled: is there an interceptor that keeps a status?`,
    );
  }

  private inFlight(): number {
    return this.loads.reduce((sum, load) => sum + load.inFlight, 0);
  }

  private snapshot(): Snapshot {
    const fromNs = this.snapshotFromNs;
    const toNs = this.now();
    this.snapshotFromNs = toNs;
    const taken = this.loads.map((load) => load.take(toNs));
    const counted = this.observations.takeCounts();
    const samples = this.loads.flatMap((load) => load.samples.take());
    return {
      fromNs,
      toNs,
      calls: taken.flatMap(({ calls }) => calls),
      attempts: taken.flatMap(({ attempts }) => attempts),
      streams: taken.flatMap(({ streams }) => streams),
      generator: this.probe.take(),
      ...(counted.length === 0 ? {} : { interceptors: counted }),
      ...windowCounts(this.driver.takeWindowWaits?.()),
      inFlight: this.inFlight(),
      ...(samples.length === 0 ? {} : { samples }),
    };
  }
}

function roundRobin(channels: readonly CallChannel[]): () => CallChannel {
  let next = 0;
  return () => {
    const channel = channels[next];
    next = next + 1 < channels.length ? next + 1 : 0;
    if (channel === undefined) throw new Error('a driver has at least one channel');
    return channel;
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
