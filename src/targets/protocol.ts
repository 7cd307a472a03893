/**
 * What the conductor and a backend's process say to each other, over the process's IPC channel.
 *
 *   conductor                          backend
 *       │ ── configure ──────────────────► │  binds its port
 *       │ ◄───────────── ready|bind-failed │
 *       │ ── begin ──────────────────────► │  plays its faults, counts
 *       │ ◄──────────── snapshot … event … │
 *       │ ── stop | drain ───────────────► │  (drain: lets its calls end first)
 *       │ ◄──────────── snapshot · stopped │  and exits
 *
 * Times in messages to the conductor are ns on the load clock. When the channel closes, whoever is
 * left gives up: a backend ends its process.
 */

import type { ClientTls } from '../drivers/spec.js';
import type { FaultWindow } from '../faults/fault.js';
import type { LoggedCall } from '../metrics/call-log.js';
import type { EventLine, ServedSample, TargetCounts } from '../metrics/record.js';
import type { ServerTls } from './fleet-tls.js';
import type { NextAddresses } from './next-tier.js';
import type { BackendSpec } from './spec.js';

/** Everything that a backend needs to know. */
export interface TargetConfig {
  readonly backend: BackendSpec;
  readonly seed: number;
  /** All of the variant's; a backend picks out its own. */
  readonly faults: readonly FaultWindow[];
  /** Length of a snapshot's interval. */
  readonly intervalNs: number;
  /** Share of the calls whose attempts are written down one by one; none when absent. */
  readonly sampleShare?: number;
  /** Path of the unix socket to listen on; absent: the backend's port. */
  readonly socketPath?: string;
  /** Serves over TLS with it; absent: cleartext. */
  readonly certificate?: ServerTls;
  /** How other backends are spoken with, where they serve over TLS. */
  readonly peerTls?: ClientTls;
  /** Modules that interceptors of the backend may come from. */
  readonly interceptorModules?: readonly string[];
  /** Name of its tier; absent: the front one. */
  readonly tier?: string;
  /** Where the next tier listens, for a backend that calls one. */
  readonly next?: NextAddresses;
}

/** Addresses of all backends of the variant, by name: known once all of them listen. */
export type Peers = Readonly<Record<string, string>>;

export type ToTarget =
  | { readonly type: 'configure'; readonly config: TargetConfig }
  /**
   * The load clock's zero, in ns of the monotonic clock, which may lie ahead; and from when on that
   * clock this process stands for its backend: 0, or when it was started again.
   */
  | {
      readonly type: 'begin';
      readonly zeroNs: number;
      readonly fromNs: number;
      readonly peers: Peers;
    }
  | { readonly type: 'drain'; readonly graceNs: number }
  | { readonly type: 'stop' };

/** Counts of one interval of the load clock. */
export interface TargetSnapshot {
  readonly fromNs: number;
  readonly toNs: number;
  readonly counts: TargetCounts;
  readonly samples?: readonly ServedSample[];
}

/** An event, without what the conductor knows better. */
export type TargetEvent = Omit<EventLine, 'type' | 'variant'>;

export type FromTarget =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'bind-failed'; readonly reason: string }
  | { readonly type: 'snapshot'; readonly snapshot: TargetSnapshot }
  | { readonly type: 'event'; readonly event: TargetEvent }
  /** What interceptors logged in the interval of the snapshot before. */
  | { readonly type: 'log'; readonly calls: readonly LoggedCall[] }
  | { readonly type: 'stopped' };
