/** What is kept of one variant's part of a record, and what each kind of line adds to. */
import { entryOf } from '../base/catalogue.js';
import type { AnyCallKind } from '../calls/call.js';
import { calls } from '../calls/index.js';
import type { EventLine, RecordLine, RunLine, VariantEndLine } from '../metrics/record.js';
import type { EventSummary } from '../metrics/summary.js';
import { PROXY_NAME } from '../proxy/spec.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { FRONT } from '../targets/tier.js';
import { type BackendSeries, backendSeries } from './backend-series.js';
import { type BusyTally, busyTally } from './busy-tally.js';
import { type CallStories, callStories } from './call-stories.js';
import { type CpuTally, cpuTally } from './cpu-tally.js';
import { type DiscoveryTally, discoveryTally } from './discovery-tally.js';
import { type EjectionTally, ejectionTally } from './ejection-tally.js';
import { type GeneratorTally, generatorTally } from './generator.js';
import { type HealthTally, healthTally } from './health-tally.js';
import { type InterceptorTally, interceptorTally } from './interceptor-tally.js';
import { addLoadLine, emptyPhaseTally, entry, type PhaseTally } from './phase-tally.js';
import { type ProxyTally, proxyTally } from './proxy-tally.js';
import { type SeriesTally, seriesTally } from './series.js';
import { type ServedTally, servedTally } from './served-tally.js';
import { type ServerTally, serverTally } from './server-tally.js';
import { type ServiceTally, serviceTally } from './service-tally.js';
import { type TierTally, tierNames, tierTally } from './tier-tally.js';
import { type WindowTally, windowTally } from './window-tally.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;

/** All but the first line, which is the run's. */
export type VariantRecordLine = Exclude<RecordLine, RunLine>;

export interface VariantTallies {
  readonly plan: VariantPlan;
  readonly phases: Map<string, PhaseTally>;
  readonly series: SeriesTally;
  readonly backendSeries: BackendSeries;
  readonly servers: ServerTally;
  readonly tiers: TierTally;
  readonly service: ServiceTally;
  readonly generator: GeneratorTally;
  readonly cpu: CpuTally;
  readonly windows: WindowTally;
  readonly proxy: ProxyTally;
  readonly served: ServedTally;
  readonly busy: BusyTally;
  readonly stories: CallStories;
  readonly interceptors: InterceptorTally;
  readonly events: EventSummary[];
  readonly health: HealthTally;
  readonly discovery: DiscoveryTally;
  readonly ejections: EjectionTally;
  /** By name of the backend. */
  readonly addresses: Map<string, string>;
  readonly ends: VariantEndLine[];
  zeroUnixMs: number | undefined;
  /** The end of the last interval that a worker reported. */
  lastNs: number;
}

export function variantTallies(plan: VariantPlan, intervalNs: number): VariantTallies {
  const tierOf = tierNames(plan);
  const isFront = (backend: string) => tierOf(backend) === FRONT;
  return {
    plan,
    phases: new Map(),
    series: seriesTally(intervalNs, longLivedLoads(plan)),
    backendSeries: backendSeries(intervalNs),
    servers: serverTally(plan.phases, plan.faults, isFront),
    tiers: tierTally(plan),
    service: serviceTally(plan.phases, intervalNs, isFront),
    generator: generatorTally(plan.phases),
    cpu: cpuTally(plan),
    windows: windowTally(plan.phases),
    proxy: proxyTally(plan.phases),
    served: servedTally(plan.phases),
    busy: busyTally(plan.phases),
    stories: callStories(),
    interceptors: interceptorTally(plan.phases, tierOf),
    events: [],
    health: healthTally(plan),
    discovery: discoveryTally(plan),
    ejections: ejectionTally(plan),
    addresses: new Map(),
    ends: [],
    zeroUnixMs: undefined,
    lastNs: 0,
  };
}

function longLivedLoads({ loads }: VariantPlan): ReadonlySet<string> {
  const longLived = loads.filter(({ call }) => entryOf<AnyCallKind>(calls, call.kind).longLived);
  return new Set(longLived.map(({ name }) => name));
}

export function addLine(tallies: VariantTallies, line: VariantRecordLine): void {
  switch (line.type) {
    case 'variant':
      tallies.zeroUnixMs ??= line.zeroUnixMs;
      for (const { name, address, via } of line.backends) {
        tallies.addresses.set(name, via ?? address);
      }
      if (line.proxy !== undefined) tallies.addresses.set(PROXY_NAME, line.proxy.address);
      break;
    case 'load':
      tallies.lastNs = Math.max(tallies.lastNs, line.toNs);
      addLoadLine((name) => entry(tallies.phases, name, emptyPhaseTally), line);
      tallies.series.add(line);
      tallies.backendSeries.add(line);
      tallies.generator.add(line);
      tallies.cpu.addLoad(line);
      tallies.windows.addLoad(line);
      tallies.interceptors.addLoad(line);
      tallies.discovery.addLoad(line);
      tallies.ejections.addLoad(line);
      tallies.stories.add(line);
      break;
    case 'target':
      tallies.servers.add(line);
      tallies.tiers.add(line);
      tallies.served.add(line);
      tallies.busy.add(line);
      tallies.stories.addTarget(line);
      tallies.service.add(line);
      tallies.cpu.addTarget(line);
      tallies.windows.addTarget(line);
      tallies.interceptors.addTarget(line);
      break;
    case 'proxy':
      tallies.proxy.add(line);
      tallies.servers.addProxy(line);
      tallies.served.addProxy(line);
      tallies.cpu.addProxy(line);
      break;
    case 'event':
      tallies.events.push(toEvent(line));
      tallies.health.add(line);
      tallies.discovery.addEvent(line);
      tallies.ejections.addEvent(line);
      break;
    case 'variant-end':
      tallies.ends.push(line);
      break;
  }
}

function toEvent({ atNs, kind, detail, plannedNs, ...rest }: EventLine): EventSummary {
  const { subject, health, discovery, ejection } = rest;
  const plannedMs = plannedNs === undefined ? undefined : plannedNs / NS_PER_MS;
  const optional = withDefined({ subject, plannedMs, health, discovery, ejection });
  return { atMs: atNs / NS_PER_MS, kind, detail, ...optional };
}

/**
 * A shard of a run ends its variant for itself; the variant ran to its end when all of them did.
 */
export function isComplete({ ends }: VariantTallies): boolean {
  return ends.length > 0 && ends.every((end) => end.complete);
}

/** When it ended on the load clock, or how far it got. */
export function endNs(tallies: VariantTallies): number {
  if (isComplete(tallies)) return tallies.plan.durationNs;
  return Math.max(tallies.lastNs, ...tallies.ends.map(({ atNs }) => atNs));
}

export function isSkipped({ ends }: VariantTallies): boolean {
  return ends.length > 0 && ends.every(({ skipped }) => skipped === true);
}

export function hasStarted({ zeroUnixMs, lastNs }: VariantTallies): boolean {
  return zeroUnixMs !== undefined || lastNs > 0;
}

export function whyIncomplete(tallies: VariantTallies): string {
  // One that could not be started ended all the same, with the reason.
  if (!hasStarted(tallies) && tallies.ends.length === 0) return 'it was not run';
  const reasons = tallies.ends
    .filter((end) => !end.complete)
    .map(({ reason }) => reason ?? 'no reason given');
  return reasons.length > 0 ? [...new Set(reasons)].join('; ') : 'the record stops before its end';
}
