/**
 * The worker threads of one variant: a piscina pool with one long task in each thread.
 *
 * piscina's default waits for tasks with Atomics, which would freeze a thread's event loop between
 * them; `atomics: 'disabled'` keeps keepalives and closes running. A task is told to stop through
 * its port: aborting it would kill the thread and what it has measured.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { deferred } from '../base/deferred.js';
import { messageOf, RunError } from '../base/errors.js';
import type { LoggedCall } from '../metrics/call-log.js';
import type { WorkerEvent } from './client-discovery.js';
import { inlineHotPaths } from './inlining.js';
import type { FromWorker, ShardTask, Snapshot, ToWorker, WorkerLoss } from './protocol.js';
import type { ShardInput } from './shard.js';

/** Worker threads that are driving one variant's load. */
export interface WorkerPool extends AsyncDisposable {
  /** Starts the load clock; the load runs from then on. */
  begin(zeroNs: number): void;
  /** Asks every worker to send nothing more and to come to an end. */
  stop(): void;
  /**
   * Resolves when every worker has posted its last snapshot.
   * @throws RunError when a worker crashed; the others have been asked to stop and have ended.
   */
  readonly finished: Promise<void>;
}

export interface WorkerPoolOptions {
  /** One task per worker. */
  readonly tasks: readonly ShardTask[];
  onSnapshot(worker: number, snapshot: Snapshot): void;
  onConnectionLost?(worker: number, lost: WorkerLoss): void;
  /** A fault of discovery began or ended, or name resolution says something else. */
  onEvent?(event: WorkerEvent): void;
  /** Calls that the worker's interceptors logged. */
  onLog?(worker: number, calls: readonly LoggedCall[]): void;
  onCrash(worker: number, reason: string): void;
}

/**
 * Starts a thread for each task and waits until all are connected.
 * @throws RunError when one cannot connect or crashes before it is ready.
 */
export async function startWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { tasks } = options;
  inlineHotPaths();
  const piscina = new Piscina<ShardInput, void>({
    filename: new URL('./shard.js', import.meta.url).href,
    name: 'runShard',
    minThreads: tasks.length,
    maxThreads: tasks.length,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    recordTiming: false,
  });
  const ports: MessagePort[] = [];
  const send = (message: ToWorker) => {
    for (const port of ports) port.postMessage(message);
  };
  const ready: Promise<void>[] = [];
  const ended = tasks.map((task) => {
    const { port1, port2 } = new MessageChannel();
    const connected = deferred();
    port1.on('message', (message: FromWorker) => {
      if (message.type === 'ready') connected.resolve();
      else if (message.type === 'connection-lost') {
        options.onConnectionLost?.(task.worker, message.lost);
      } else if (message.type === 'log') options.onLog?.(task.worker, message.calls);
      else if (message.type === 'event') options.onEvent?.(message.event);
      else options.onSnapshot(task.worker, message.snapshot);
    });
    ports.push(port1);
    const drained = new Promise<void>((resolve) => port1.once('close', () => resolve()));
    // The port closes after its last message; a task's end alone could overtake its last snapshot.
    const end = piscina
      .run({ task, port: port2 }, { transferList: [port2] })
      .then(() => drained)
      .catch((cause: unknown) => {
        port1.close();
        const reason = messageOf(cause);
        options.onCrash(task.worker, reason);
        send({ type: 'stop' });
        throw new RunError(`worker ${task.worker} crashed: ${reason}`, { cause });
      });
    ready.push(Promise.race([connected.promise, end]));
    return end;
  });
  const finished = allOrFirstError(ended);
  finished.catch(() => {});
  const pool: WorkerPool = {
    begin: (zeroNs) => send({ type: 'begin', zeroNs }),
    stop: () => send({ type: 'stop' }),
    finished,
    async [Symbol.asyncDispose]() {
      for (const port of ports) port.close();
      await piscina.destroy();
    },
  };
  try {
    await Promise.all(ready);
    return pool;
  } catch (cause) {
    await pool[Symbol.asyncDispose]();
    throw cause;
  }
}

/** Waits for all, also when one fails; then throws the first failure. */
async function allOrFirstError(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
