/**
 * The faults of one backend that are carried out from within its process: what host faults do to
 * health, the event loop and the service time; and call faults are told of their beginning and their
 * end, for the calls that are open then.
 */
import { entryOf } from '../base/catalogue.js';
import { monotonicNowNs, NS_PER_MS } from '../base/clock.js';
import type { FaultHost, FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { CallFaults } from './call-faults.js';
import type { FaultEnd, FaultStart } from './fault-timeline.js';

/** Whether a backend plays a fault itself: those on processes and on name resolution others play. */
export function isOfServer({ kind }: FaultWindow): boolean {
  const { acts } = entryOf<FaultKind>(faults, kind);
  return acts === 'call' || acts === 'host';
}

/** What of a backend host faults act on. */
export interface HostParts
  extends Pick<FaultHost, 'overrideHealth' | 'overrideWatch' | 'scaleService'> {
  readonly callFaults: Pick<CallFaults, 'begin' | 'end'>;
}

/** Begins a fault. */
export function actOnHost(
  { id, kind, options }: FaultWindow,
  { callFaults, ...parts }: HostParts,
  start: FaultStart,
): FaultEnd {
  const fault = entryOf<FaultKind>(faults, kind);
  if (fault.acts === 'call') {
    callFaults.begin(id);
    // Stopped before its time, nothing is served any more.
    return (isOver) => {
      if (isOver) callFaults.end(id);
    };
  }
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
