/**
 * Plays a backend's faults on timers: those that act are started and ended, and the start and end of
 * every fault is told of with the moment at which it really was.
 *
 * It runs in two places: a backend plays its own call faults and host faults, the conductor the process
 * faults. Call faults need nothing done: which calls they hit is decided call by call
 * (faults/decide.ts).
 */
import type { FaultTimer, FaultWindow } from '../faults/fault.js';
import type { TargetEvent } from './protocol.js';

/** A fault's own beginning. */
export interface FaultStart extends FaultTimer {
  /** Whoever plays it was started anew while the fault lasted. */
  readonly isRestarted: boolean;
}

export interface FaultTimelineOptions {
  /** Those that act on this backend and are played here. */
  readonly windows: readonly FaultWindow[];
  /** The backend's name. */
  readonly backend: string;
  /** The load clock. */
  readonly now: () => number;
  /**
   * When playing begins, 0 unless the backend was started again: faults that are over by then are
   * left out, and those that go on begin then.
   */
  readonly fromNs?: number;
  /** Fires once at a time of the load clock or later, never before; returns a cancel. */
  readonly callAt: (atNs: number, fire: () => void) => () => void;
  /** Begins what a fault does here; the function that it returns ends it. */
  readonly act: (window: FaultWindow, start: FaultStart) => () => void;
  readonly post: (event: TargetEvent) => void;
}

/**
 * Starts playing.
 * @returns stops: ends what is going on and forgets what is to come; harmless when called twice.
 */
export function playFaults(options: FaultTimelineOptions): () => void {
  const { fromNs = 0 } = options;
  const stops = options.windows
    .filter(({ toNs }) => toNs > fromNs)
    .map((window) => playFault(window, options));
  return () => {
    for (const stop of stops) stop();
  };
}

function playFault(window: FaultWindow, options: FaultTimelineOptions): () => void {
  const { backend, now, callAt, post, fromNs = 0 } = options;
  const isRestarted = window.fromNs < fromNs;
  const startNs = Math.max(window.fromNs, fromNs);
  let cancel = () => {};
  let end: (() => void) | undefined;

  const tell = (kind: 'fault.start' | 'fault.end', plannedNs: number) => {
    const detail = `${window.kind} ${kind === 'fault.start' ? 'begins' : 'ends'} on ${backend}`;
    post({ atNs: now(), kind, detail, subject: window.id, plannedNs });
  };
  const finish = () => {
    cancel();
    if (end === undefined) return;
    end();
    end = undefined;
    tell('fault.end', window.toNs);
  };
  const start = () => {
    tell('fault.start', startNs);
    end = options.act(window, { after: timerFrom(startNs, callAt), isRestarted });
    cancel = callAt(window.toNs, finish);
  };
  cancel = callAt(startNs, start);
  return finish;
}

/**
 * The timers of one fault. They count from the moment at which their caller was due, not from when it
 * ran, so that what repeats does not drift by each timer's lateness.
 */
function timerFrom(startNs: number, callAt: FaultTimelineOptions['callAt']): FaultTimer['after'] {
  let momentNs = startNs;
  return (delayNs, fire) => {
    const dueNs = momentNs + delayNs;
    return callAt(dueNs, () => {
      momentNs = dueNs;
      fire();
    });
  };
}
