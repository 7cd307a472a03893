/**
 * Plays a backend's faults on timers: those that act are started and ended, and the start and end of
 * every fault is told of with the moment at which it really was.
 *
 * It runs in two places: a backend plays its own call faults and host faults, the conductor the process
 * faults. Which calls a call fault hits is decided call by call (faults/decide.ts).
 */
import type { FaultTimer, FaultWindow } from '../faults/fault.js';
import type { TargetEvent } from './protocol.js';

/** A fault's own beginning. */
export interface FaultStart extends FaultTimer {
  /** Whoever plays it was started anew while the fault lasted. */
  readonly isRestarted: boolean;
}

/** Ends what a fault does; `isOver`: because its time is over, not because playing was stopped. */
export type FaultEnd = (isOver: boolean) => void;

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
  /** Begins what a fault does here. */
  readonly act: (window: FaultWindow, start: FaultStart) => FaultEnd;
  readonly post: (event: TargetEvent) => void;
}

/**
 * Starts playing.
 * @returns stops: ends what is going on and forgets what is to come; harmless when called twice.
 */
export function playFaults(options: FaultTimelineOptions): () => void {
  const { fromNs = 0 } = options;
  const played = options.windows
    .filter(({ toNs }) => toNs > fromNs)
    .map((window) => playFault(window, options));
  // Those to come are planned first: at one moment, what begins then comes before what ends.
  for (const { isDue, begin } of played) if (!isDue) begin();
  for (const { isDue, begin } of played) if (isDue) begin();
  return () => {
    for (const { stop } of played) stop();
  };
}

interface Played {
  /** Its time has come already. */
  readonly isDue: boolean;
  /** Begins it, or plans to. */
  begin(): void;
  stop(): void;
}

function playFault(window: FaultWindow, options: FaultTimelineOptions): Played {
  const { backend, now, callAt, post, fromNs = 0 } = options;
  const isRestarted = window.fromNs < fromNs;
  const startNs = Math.max(window.fromNs, fromNs);
  let cancel = () => {};
  let end: FaultEnd | undefined;

  const tell = (kind: 'fault.start' | 'fault.end', plannedNs: number) => {
    const detail = `${window.kind} ${kind === 'fault.start' ? 'begins' : 'ends'} on ${backend}`;
    post({ atNs: now(), kind, detail, subject: window.id, plannedNs });
  };
  const finish = (isOver: boolean) => {
    cancel();
    if (end === undefined) return;
    end(isOver);
    end = undefined;
    tell('fault.end', window.toNs);
  };
  const start = () => {
    tell('fault.start', startNs);
    end = options.act(window, { after: timerFrom(startNs, callAt, window.toNs), isRestarted });
    cancel = callAt(window.toNs, () => finish(true));
  };
  const isDue = startNs <= now();
  return {
    isDue,
    begin() {
      // Not by a timer when it is time: who puts a fault on is served as if it had always been.
      if (isDue) start();
      else cancel = callAt(startNs, start);
    },
    stop: () => finish(false),
  };
}

/**
 * The timers of one fault. They count from the moment at which their caller was due, not from when it
 * ran, so that what repeats does not drift by each timer's lateness.
 * @param endNs what is due at the fault's end or after it never comes.
 */
export function timerFrom(
  startNs: number,
  callAt: FaultTimelineOptions['callAt'],
  endNs = Number.POSITIVE_INFINITY,
): FaultTimer['after'] {
  let momentNs = startNs;
  return (delayNs, fire) => {
    const dueNs = momentNs + delayNs;
    // A fault's end is not in it: of two timers for one moment either may be the first.
    if (dueNs >= endNs) return () => {};
    return callAt(dueNs, () => {
      momentNs = dueNs;
      fire();
    });
  };
}
