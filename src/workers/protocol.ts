/**
 * What the conductor and a worker thread say to each other, over one MessagePort.
 */
import type { Pacing } from '../base/due-queue.js';
import type { ClientSpec } from '../drivers/spec.js';
import type { LoggedCall } from '../metrics/call-log.js';
import type { LoadLine } from '../metrics/record.js';
import type { DiscoveryTask, WorkerEvent } from './client-discovery.js';
import type { LostConnection } from './lost-connections.js';
import type { LoadSpec, PhaseWindow } from './spec.js';

/** What a worker is handed when it starts: its part of a variant. */
export interface ShardTask {
  readonly worker: number;
  /** How many workers share the load. */
  readonly workers: number;
  readonly seed: number;
  readonly intervalNs: number;
  readonly pacing: Pacing;
  readonly durationNs: number;
  readonly phases: readonly PhaseWindow[];
  readonly loads: readonly LoadSpec[];
  /** Share of the calls that chance chooses to be written down one by one; none when absent. */
  readonly sampleShare?: number;
  readonly client: ClientSpec;
  /** `host:port` of every backend. */
  readonly addresses: readonly string[];
  /** What stands at each address, in their order; absent: nobody said. */
  readonly places?: readonly Place[];
  /** Modules that interceptors of the client may come from. */
  readonly interceptorModules?: readonly string[];
  /** What name resolution tells the clients; absent: where all backends are, for good. */
  readonly discovery?: DiscoveryTask;
  /** How long connecting may take; ten seconds when absent. */
  readonly connectTimeoutMs?: number;
}

/** A backend, as far as clients ask. */
export interface Place {
  readonly name: string;
  readonly zone?: string;
}

export type ToWorker =
  /** The load clock's zero, in monotonic ns: the load starts then. */
  | { readonly type: 'begin'; readonly zeroNs: number }
  /** Send nothing more, let open calls end, report and return. */
  | { readonly type: 'stop' };

export type FromWorker =
  /** Connected; waits for `begin`. */
  | { readonly type: 'ready' }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** What interceptors logged in the interval of the snapshot before. */
  | { readonly type: 'log'; readonly calls: readonly LoggedCall[] }
  | { readonly type: 'connection-lost'; readonly lost: WorkerLoss }
  | { readonly type: 'event'; readonly event: WorkerEvent };

/** Connections that were lost since the last snapshot; `atNs`: when the first was, on the load clock. */
export type WorkerLoss = Omit<LostConnection, 'firstNs'> & { readonly atNs: number };

/** One worker's interval: a line of the record, but for whose it is. */
export type Snapshot = Omit<LoadLine, 'type' | 'variant' | 'worker'>;
