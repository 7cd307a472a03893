/** The process faults of a fleet, played by the conductor: a process cannot kill itself and come back. */
import { entryOf } from '../base/catalogue.js';
import { callAt, loadClock } from '../base/clock.js';
import { actsOn } from '../faults/decide.js';
import type { FaultKind, FaultWindow, ProcessHost } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import { playFaults } from './fault-timeline.js';
import type { TargetEvent } from './protocol.js';

/** Whether a fault acts on the process from outside. */
export function isOfProcess({ kind }: FaultWindow): boolean {
  return entryOf<FaultKind>(faults, kind).acts === 'process';
}

/** What can be done to a backend's process. */
export type ProcessControl = Omit<ProcessHost, 'after'>;

export interface ProcessFaultsOptions {
  /** All of the variant's. */
  readonly windows: readonly FaultWindow[];
  /** The backend's name. */
  readonly backend: string;
  readonly host: ProcessControl;
  /** The load clock's zero on the monotonic clock. */
  readonly zeroNs: number;
  readonly post: (event: TargetEvent) => void;
}

/**
 * Starts playing those that act on one backend.
 * @returns stops: ends what is going on and forgets what is to come; harmless when called twice.
 */
export function playProcessFaults(options: ProcessFaultsOptions): () => void {
  const { windows, backend, host, zeroNs, post } = options;
  return playFaults({
    windows: windows.filter((window) => isOfProcess(window) && actsOn(window, backend)),
    backend,
    now: loadClock(zeroNs),
    callAt: (atNs, fire) => callAt(zeroNs + atNs, fire),
    act(window, { after }) {
      const fault = entryOf<FaultKind>(faults, window.kind);
      if (fault.acts !== 'process') return () => {};
      return fault.start(window.options, {
        after,
        crash: () => host.crash(),
        stop: (graceNs) => host.stop(graceNs),
        start: () => host.start(),
        pause: () => host.pause(),
        resume: () => host.resume(),
      });
    },
    post,
  });
}
