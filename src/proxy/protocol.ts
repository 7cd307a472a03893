/**
 * What the conductor and the process of a proxy say to each other, over the process's IPC channel.
 *
 *   conductor                          proxy
 *       │ ── configure ──────────────────► │  binds its ports, or starts a program that does
 *       │ ◄────── ready|failed             │
 *       │ ── begin ──────────────────────► │  plays its faults, counts
 *       │ ◄──────────── snapshot … event … │
 *       │ ── stop ───────────────────────► │
 *       │ ◄──────────── snapshot · stopped │  and exits
 *
 * Times in messages to the conductor are ns on the load clock. When the channel closes, whoever is
 * left gives up: a proxy ends its process, and a program that it has started.
 */
import type { ClientTls } from '../drivers/spec.js';
import type { FaultWindow } from '../faults/fault.js';
import type { ProxyLine } from '../metrics/record.js';
import type { ServerTls } from '../targets/fleet-tls.js';
import type { TargetEvent } from '../targets/protocol.js';
import type { UpstreamPlace } from './balancer.js';
import type { ProxySpec } from './spec.js';

/** Everything that a proxy needs to know. */
export interface ProxyConfig {
  readonly spec: ProxySpec;
  /** The backends, in the order of the plan. */
  readonly upstreams: readonly UpstreamPlace[];
  /** Shown to clients, who come over TLS then. */
  readonly certificate?: ServerTls;
  /** How backends are reached over TLS. */
  readonly upstreamTls?: ClientTls;
  readonly seed: number;
  /** All that act in a proxy. */
  readonly faults: readonly FaultWindow[];
  /** Length of a snapshot's interval. */
  readonly intervalNs: number;
}

export type ToProxy =
  | { readonly type: 'configure'; readonly config: ProxyConfig }
  /** The load clock's zero, in ns of the monotonic clock; may lie ahead. */
  | { readonly type: 'begin'; readonly zeroNs: number }
  | { readonly type: 'stop' };

export type ProxySnapshot = Omit<ProxyLine, 'type' | 'variant'>;

export type FromProxy =
  /** Ports on loopback: one for each backend, or one for all of them. */
  | { readonly type: 'ready'; readonly ports: readonly number[] }
  | { readonly type: 'failed'; readonly reason: string }
  /** The program that it had started is gone. */
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'snapshot'; readonly snapshot: ProxySnapshot }
  | { readonly type: 'event'; readonly event: TargetEvent }
  | { readonly type: 'stopped' };
