/**
 * Plays a backend's faults on its own timers: host faults are started and ended, and the start and
 * end of every fault is told of with the moment at which it really was.
 *
 * Which calls a call fault hits is decided call by call (faults/decide.ts); here it is only told of its
 * beginning and its end, for the calls that are open then.
 */
import { entryOf } from '../base/catalogue.js';
import type { FaultHost, FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { CallFaults } from './call-faults.js';
import type { TargetEvent } from './protocol.js';

export interface FaultTimelineOptions {
  /** Those that act on this backend. */
  readonly windows: readonly FaultWindow[];
  /** The backend's name. */
  readonly backend: string;
  /** The load clock. */
  readonly now: () => number;
  /** Fires once at a time of the load clock or later, never before; returns a cancel. */
  readonly callAt: (atNs: number, fire: () => void) => () => void;
  readonly overrideHealth: FaultHost['overrideHealth'];
  readonly overrideWatch: FaultHost['overrideWatch'];
  /** Told of call faults that begin, and that come to their end; not when they are stopped before. */
  readonly callFaults: Pick<CallFaults, 'begin' | 'end'>;
  readonly post: (event: TargetEvent) => void;
}

/**
 * Starts playing.
 * @returns stops: ends what is going on and forgets what is to come; harmless when called twice.
 */
export function playFaults(options: FaultTimelineOptions): () => void {
  const stops = options.windows.map((window) => playFault(window, options));
  return () => {
    for (const stop of stops) stop();
  };
}

function playFault(window: FaultWindow, options: FaultTimelineOptions): () => void {
  const { backend, now, callAt, post } = options;
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
    tell('fault.start', window.fromNs);
    const fault = entryOf<FaultKind>(faults, window.kind);
    end =
      fault.acts === 'host'
        ? fault.start(window.options, hostFrom(window.fromNs, options))
        : () => {};
    if (fault.acts === 'call') options.callFaults.begin(window.id);
    cancel = callAt(window.toNs, () => {
      finish();
      if (fault.acts === 'call') options.callFaults.end(window.id);
    });
  };
  cancel = callAt(window.fromNs, start);
  return finish;
}

/**
 * The host that one fault sees. Its timers count from the moment at which their caller was due, not
 * from when it ran, so that what repeats does not drift by each timer's lateness.
 */
function hostFrom(startNs: number, options: FaultTimelineOptions): FaultHost {
  let momentNs = startNs;
  return {
    overrideHealth: options.overrideHealth,
    overrideWatch: options.overrideWatch,
    after(delayNs, fire) {
      const dueNs = momentNs + delayNs;
      return options.callAt(dueNs, () => {
        momentNs = dueNs;
        fire();
      });
    },
  };
}
