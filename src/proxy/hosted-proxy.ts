/** A proxy in its process: what it is to the messages that come and go, ours or another's. */
import type { TargetEvent } from '../targets/protocol.js';
import type { ProxySnapshot } from './protocol.js';

/** Where a proxy reports to. */
export interface ProxyReporter {
  snapshot(snapshot: ProxySnapshot): void;
  event(event: TargetEvent): void;
  /** It is gone, and nobody asked for that. */
  lost(reason: string): void;
}

/** A proxy that listens. */
export interface HostedProxy {
  /** One for each backend, or one for all of them. */
  readonly ports: readonly number[];
  /** Sets the load clock's zero, plays the faults on it and posts snapshots. Called once. */
  begin(zeroNs: number): void;
  /** Reports what is left and ends everything. */
  stop(): Promise<void> | void;
}

/** It could not be started; the message says why. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
}
