/**
 * What a backend reports of its load, from what it counted between two moments (gRFC A51).
 *
 * Clients weigh backends by calls per unit of utilisation (gRFC A58), so utilisation is that of what
 * limits the backend: of its slots, where it has a capacity. One without reports its share of a CPU
 * and no other, which grpc-js 1.14 does not look at: there is nothing to weigh it by.
 */
import { monotonicNowNs, NS_PER_SECOND } from '../base/clock.js';
import { processCpu } from './process-cpu.js';
import type { ServiceQueue } from './service-queue.js';
import type { TargetCounters } from './target-counters.js';

/** All that was counted since the backend began. */
export interface LoadTotals {
  readonly atNs: number;
  /** Attempts that were answered, and those of them with another status than OK. */
  readonly answered: number;
  readonly failed: number;
  /** CPU time of the process, all threads. */
  readonly cpuNs: number;
  /** Slots in service × time, and how many slots there are; absent: capacity is unlimited. */
  readonly service?: { readonly busyNs: number; readonly slots: number };
}

/** @returns what was counted up to now, whenever it is asked. */
export function createLoadMeter({
  counters,
  queue,
  slots,
}: {
  readonly counters: Pick<TargetCounters, 'answeredSoFar'>;
  /** Absent: capacity is unlimited. */
  readonly queue: Pick<ServiceQueue, 'busyNsSoFar'> | undefined;
  readonly slots: number;
}): () => LoadTotals {
  const takeCpuNs = processCpu();
  let cpuNs = 0;
  return () => {
    cpuNs += takeCpuNs();
    return {
      atNs: monotonicNowNs(),
      ...counters.answeredSoFar(),
      cpuNs,
      ...(queue === undefined ? {} : { service: { busyNs: queue.busyNsSoFar(), slots } }),
    };
  };
}

/** A message of the type xds.data.orca.v3.OrcaLoadReport. */
export interface LoadReport {
  /** In cores, of one. */
  readonly cpu_utilization: number;
  /** Share of the slots that were in service. */
  readonly application_utilization?: number;
  /** Attempts answered a second. */
  readonly rps_fractional: number;
  /** Attempts a second that were answered with another status than OK. */
  readonly eps: number;
}

/** @param to is later than `from`. */
export function loadReport(from: LoadTotals, to: LoadTotals): LoadReport {
  const lengthNs = to.atNs - from.atNs;
  const perSecond = (count: number) => (count / lengthNs) * NS_PER_SECOND;
  const { service } = to;
  return {
    cpu_utilization: (to.cpuNs - from.cpuNs) / lengthNs,
    rps_fractional: perSecond(to.answered - from.answered),
    eps: perSecond(to.failed - from.failed),
    ...(service === undefined
      ? {}
      : {
          application_utilization:
            (service.busyNs - (from.service?.busyNs ?? 0)) / service.slots / lengthNs,
        }),
  };
}
