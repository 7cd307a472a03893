/**
 * The host faults of one backend, carried out from within its process: health, the event loop and the
 * service time.
 */
import { entryOf } from '../base/catalogue.js';
import { monotonicNowNs, NS_PER_MS } from '../base/clock.js';
import type { FaultHost, FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { FaultStart } from './fault-timeline.js';

/** What of a backend host faults act on. */
export type HostParts = Pick<FaultHost, 'overrideHealth' | 'overrideWatch' | 'scaleService'>;

/** Begins a fault; one that is not a host fault does nothing here. */
export function actOnHost(
  { kind, options }: FaultWindow,
  parts: HostParts,
  start: FaultStart,
): () => void {
  const fault = entryOf<FaultKind>(faults, kind);
  if (fault.acts !== 'host') return () => {};
  return fault.start(options, { ...parts, ...start, blockLoop, burnLoop });
}

function blockLoop(ns: number): void {
  // Nobody ever wakes it: the time runs out.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ns / NS_PER_MS);
}

function burnLoop(ns: number): void {
  const untilNs = monotonicNowNs() + ns;
  while (monotonicNowNs() < untilNs);
}
