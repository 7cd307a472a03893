/**
 * What surrounds every attempt of a chat call on a backend, whatever transport brings it: whether a
 * fault hits it, how long its service takes and when it gets it, and the counting.
 */
import { type CallId, parseCallId } from '../base/call-id.js';
import type { NowNs } from '../base/clock.js';
import { momentOf, whichAttempt } from '../faults/decide.js';
import type { CallEffect, CallView, FaultWindow } from '../faults/fault.js';
import type { MetadataLookup } from '../faults/metadata-match.js';
import type { AttemptTie } from './attempt-tie.js';
import { type CallFaults, createCallFaults } from './call-faults.js';
import type { NextTier } from './next-tier.js';
import type { OpenSample, ServedSamples } from './served-samples.js';
import { createServiceQueue, type ServiceQueue, type ServiceRequest } from './service-queue.js';
import { createServiceScale, type ServiceScale } from './service-scale.js';
import { serviceTimeNs } from './service-time.js';
import { createWait } from './service-wait.js';
import type { Capacity } from './spec.js';
import type { TargetCounters } from './target-counters.js';

/** Which attempt of its call it is (gRFC A6). */
export const ATTEMPTS_KEY = 'grpc-previous-rpc-attempts';

/** The number in `grpc-previous-rpc-attempts`; 0 when there is none, or no number. */
export function parseAttempts(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** An attempt that arrived. */
export interface Arrival {
  readonly call: CallView;
  readonly effect: CallEffect | undefined;
  /** What the faults want to know of it; the host tells it when the attempt is over. */
  readonly tie: AttemptTie | undefined;
  /** When its call was due, in ns on the load clock; undefined when it does not say. */
  readonly dueNs: number | undefined;
  /** Where it is written down, if it is. */
  readonly sample: OpenSample | undefined;
}

export interface CallHost {
  readonly counters: TargetCounters;
  readonly faults: CallFaults;
  /** Absent when capacity is unlimited. */
  readonly queue: ServiceQueue | undefined;
  /** Whom it calls before it answers; absent: nobody. */
  readonly next: NextTier | undefined;
  /** What faults multiply service times by. */
  readonly scale: ServiceScale;
  /** The monotonic clock that everything here is timed by. */
  readonly now: NowNs;
  /**
   * Neither a fault nor a limit on capacity nor a next tier, ever: whichever call it is, it is served at
   * once, and nobody asks for more than that it was counted.
   */
  readonly isPlain: boolean;
  /** Neither a limit on capacity nor a next tier: what no fault hits is answered at once. */
  readonly isInstant: boolean;
  /** Sets the load clock's zero; before it, faults act only on calls that carry their due time. */
  begin(zeroNs: number): void;
  /**
   * Counts an attempt that arrives, and asks the faults about it.
   * @param callId the value of `squall-call`, if it came.
   * @param valuesOf looks its metadata up; needed where the faults ask for metadata.
   */
  arrived(
    method: string,
    previousAttempts: number,
    callId: string | undefined,
    valuesOf?: MetadataLookup,
  ): Arrival;
  /**
   * Gives a call its service and reports when it is over: at once when capacity is unlimited.
   * @returns undefined when the line is full; `finished` is not called then.
   */
  serve(call: CallView, request: Omit<ServiceRequest, 'serviceNs'>): Service | undefined;
}

/** The service of one call, in line or going on. */
export interface Service {
  /** Its client is gone: it is given up, where a backend does so. Harmless when it is over. */
  abandon(): void;
}

export interface CallHostOptions {
  readonly seed: number;
  /** Those that act on this backend. */
  readonly windows: readonly FaultWindow[];
  readonly capacity?: Capacity | undefined;
  readonly next?: NextTier | undefined;
  readonly counters: TargetCounters;
  /** Absent: no attempt is written down. */
  readonly samples?: ServedSamples | undefined;
  readonly now: NowNs;
}

export function createCallHost(options: CallHostOptions): CallHost {
  const { seed, windows, capacity, next, counters, samples, now } = options;
  const faults = createCallFaults(windows, seed);
  const queue =
    capacity &&
    createServiceQueue({
      slots: capacity.slots,
      queue: capacity.queue,
      stops: capacity.onExpired === 'stop',
      now,
      callAt: createWait(capacity.pacing ?? 'relaxed', now),
      onQueued: counters.queued,
    });
  const scale = createServiceScale(now);
  const isInstant = queue === undefined && next === undefined;
  let zeroNs = Number.POSITIVE_INFINITY;
  let foreignCalls = 0;

  return {
    counters,
    faults,
    queue,
    next,
    scale,
    now,
    isPlain: faults.isEmpty && isInstant,
    isInstant,
    begin(atNs) {
      zeroNs = atNs;
    },
    arrived(method, previousAttempts, callId, valuesOf) {
      const id = callId === undefined ? undefined : parseCallId(callId);
      const ordinal = id?.ordinal ?? foreignCalls++;
      const call = callOf(method, ordinal, previousAttempts, id);
      counters.received(previousAttempts);
      const dueNs = id && id.dueUs * 1e3;
      const sample = id && samples?.arrived(id, previousAttempts);
      if (faults.isEmpty) return { call, effect: undefined, tie: undefined, dueNs, sample };
      const momentNs = momentOf(whichAttempt(call), dueNs, now() - zeroNs);
      const met = faults.meet(call, momentNs, valuesOf);
      return { call, effect: met?.effect, tie: met?.tie, dueNs, sample };
    },
    serve(call, request) {
      if (capacity === undefined || queue === undefined) {
        const nowNs = now();
        request.finished(nowNs, nowNs);
        return OVER;
      }
      const serviceNs = scale.apply(serviceTimeNs(capacity.serviceTime, seed, call));
      const submitted = { ...request, serviceNs };
      if (!queue.submit(submitted)) return undefined;
      return capacity.onExpired === 'stop' ? { abandon: () => queue.abandon(submitted) } : OVER;
    },
  };
}

function callOf(
  method: string,
  ordinal: number,
  previousAttempts: number,
  id: CallId | undefined,
): CallView {
  return id?.upstream
    ? { method, ordinal, previousAttempts, upstream: id.upstream }
    : { method, ordinal, previousAttempts };
}

/** Of a service that is over, or that nothing stops. */
const OVER: Service = { abandon() {} };
