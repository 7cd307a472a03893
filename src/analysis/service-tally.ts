/**
 * What the servers did in each phase: service time, of which some for nobody, their queues, connections.
 *
 * As all that servers count, an interval goes to the phase that contains its middle.
 */
import type { DurationsWanted } from '../checks/evidence.js';
import type { EncodedHistogram } from '../metrics/histogram.js';
import { type MergedDurations, mergedDurations } from '../metrics/merged-durations.js';
import type { TargetLine } from '../metrics/record.js';
import type { ServerSummary } from '../metrics/summary.js';
import type { PhaseWindow } from '../workers/spec.js';
import { entry } from './phase-tally.js';
import { phaseAt } from './server-tally.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

interface ServicePhase {
  busyNs: number;
  servedNs: number;
  wastedNs: number;
  shed: number;
  queueLengthMax: number;
  readonly queueTime: MergedDurations;
  /** Undefined while no server told of them. */
  connections: number | undefined;
  /** Of all servers together, by number of the interval. */
  readonly connecting: Map<string, Connecting>;
  /** By name that was not serving, then by backend. */
  readonly unhealthy: Map<string, Map<string, MergedDurations>>;
}

/** Connections accepted in an interval. Snapshots differ in length, so rates are summed beside counts. */
interface Connecting {
  connections: number;
  perSecond: number;
  nsMax: number;
}

export interface ServiceTally {
  add(line: TargetLine): void;
  /** Undefined when no server's interval lies in the phase. */
  in(phase: DurationsWanted['phase']): ServerSummary | undefined;
  unhealthyArrivals(
    phase: string,
    service: string,
  ): { readonly backend: string; readonly sinceTold: EncodedHistogram }[];
}

/** @param isFront whether a backend is one that clients call: others' connections are servers'. */
export function serviceTally(
  phases: readonly PhaseWindow[],
  intervalNs: number,
  isFront: (backend: string) => boolean,
): ServiceTally {
  const byPhase = new Map<string, ServicePhase>();
  return {
    add(line) {
      const middleNs = (line.fromNs + line.toNs) / 2;
      const phase = phaseAt(phases, middleNs);
      if (phase === undefined) return;
      const sum = entry(byPhase, phase.name, emptyServicePhase);
      addCounts(sum, line);
      if (isFront(line.backend)) addConnections(sum, line, `${Math.floor(middleNs / intervalNs)}`);
    },
    in(phase) {
      const found = byPhase.get(phase);
      if (found === undefined) return undefined;
      const most = peakOf(found);
      return {
        busyMs: found.busyNs / NS_PER_MS,
        servedMs: found.servedNs / NS_PER_MS,
        wastedMs: found.wastedNs / NS_PER_MS,
        shed: found.shed,
        queueLengthMax: found.queueLengthMax,
        ...withDefined({
          queueTimeUs: found.queueTime.summarise(),
          connections: found.connections,
          connectionsPerSecondMax: most?.perSecond,
          connectionsPeak: most && { connections: most.connections, ms: most.nsMax / NS_PER_MS },
        }),
      };
    },
    unhealthyArrivals(phase, service) {
      const backends = byPhase.get(phase)?.unhealthy.get(service) ?? new Map();
      return [...backends]
        .map(([backend, merged]) => ({ backend, sinceTold: merged.encoded() }))
        .sort((a, b) => (a.backend < b.backend ? -1 : 1));
    },
  };
}

function emptyServicePhase(): ServicePhase {
  return {
    busyNs: 0,
    servedNs: 0,
    wastedNs: 0,
    shed: 0,
    queueLengthMax: 0,
    queueTime: mergedDurations(),
    connections: undefined,
    connecting: new Map(),
    unhealthy: new Map(),
  };
}

function addCounts(sum: ServicePhase, { backend, counts }: TargetLine): void {
  sum.busyNs += counts.busyNs;
  sum.servedNs += counts.servedNs;
  sum.wastedNs += counts.wastedNs;
  sum.shed += counts.shed;
  sum.queueLengthMax = Math.max(sum.queueLengthMax, counts.queueLengthMax);
  sum.queueTime.add(counts.queueTime);
  for (const [service, arrivals] of Object.entries(counts.unhealthyArrivals ?? {})) {
    const backends = sum.unhealthy.get(service) ?? new Map<string, MergedDurations>();
    sum.unhealthy.set(service, backends);
    entry(backends, backend, mergedDurations).add(arrivals);
  }
}

/** A snapshot may be longer than an interval, after a pause; its rate is its own. */
function addConnections(sum: ServicePhase, { fromNs, toNs, counts }: TargetLine, interval: string) {
  if (counts.connections === undefined) return;
  sum.connections = (sum.connections ?? 0) + counts.connections;
  const perSecond = toNs > fromNs ? (counts.connections * NS_PER_SECOND) / (toNs - fromNs) : 0;
  const here = entry(sum.connecting, interval, () => ({ connections: 0, perSecond: 0, nsMax: 0 }));
  here.connections += counts.connections;
  here.perSecond += perSecond;
  here.nsMax = Math.max(here.nsMax, toNs - fromNs);
}

/** The interval that had most a second; undefined when no server told of its connections. */
function peakOf({ connecting }: ServicePhase): Connecting | undefined {
  return [...connecting.values()].reduce<Connecting | undefined>(
    (most, one) => (most === undefined || one.perSecond > most.perSecond ? one : most),
    undefined,
  );
}
