/** One variant's part of a record, added up as it comes. */
import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import type { AnyCallKind } from '../calls/call.js';
import { calls } from '../calls/index.js';
import type { VariantFindings } from '../checks/check.js';
import type { DurationsWanted } from '../checks/evidence.js';
import type { FaultKind } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { InterceptorSpec } from '../interceptors/interceptor.js';
import type { EncodedHistogram } from '../metrics/histogram.js';
import type {
  EventLine,
  LoadLine,
  ProxyLine,
  TargetLine,
  VariantEndLine,
  VariantLine,
} from '../metrics/record.js';
import type { ChainSummary, EventSummary, FaultSummary, PhaseSummary } from '../metrics/summary.js';
import { PROXY_NAME } from '../proxy/spec.js';
import { namesForClients, type VariantPlan } from '../scenarios/plan.js';
import { FRONT } from '../targets/tier.js';
import type { LoadSpec } from '../workers/spec.js';
import { agreeOnAttempts, type HitsInProxy } from './attempt-agreement.js';
import { sumAttempts } from './attempt-tally.js';
import { type BackendSeries, backendSeries } from './backend-series.js';
import { type BusyTally, busyTally } from './busy-tally.js';
import { type CallStories, callStories } from './call-stories.js';
import { type CpuTally, cpuTally } from './cpu-tally.js';
import { type DiscoveryTally, discoveryTally } from './discovery-tally.js';
import { durationsIn } from './durations.js';
import { type EjectionTally, ejectionTally } from './ejection-tally.js';
import type { CellDistribution } from './findings.js';
import { type GeneratorTally, generatorTally } from './generator.js';
import { type HealthTally, healthTally } from './health-tally.js';
import { type InterceptorTally, interceptorTally } from './interceptor-tally.js';
import { contradictionsOf } from './littles-law.js';
import { summarisePhase } from './phase-summary.js';
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

export type VariantRecordLine =
  | VariantLine
  | LoadLine
  | TargetLine
  | ProxyLine
  | EventLine
  | VariantEndLine;

export interface VariantAnalysis {
  readonly generator: GeneratorTally;
  add(line: VariantRecordLine): void;
  /** Everything but its checks, which may ask for other variants' findings. */
  findings(): VariantFindings;
  durations(wanted: Omit<DurationsWanted, 'variant'>): EncodedHistogram | undefined;
  unhealthyArrivals: ServiceTally['unhealthyArrivals'];
  distributions(): CellDistribution[];
  /** Unix time of the variant's end, or of how far it got, in ms; undefined before it began. */
  endUnixMs(): number | undefined;
}

/** What is kept of a variant's lines. */
interface VariantState {
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

export function createVariantAnalysis(plan: VariantPlan, intervalNs: number): VariantAnalysis {
  const tierOf = tierNames(plan);
  const isFront = (backend: string) => tierOf(backend) === FRONT;
  const state: VariantState = {
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
  return {
    generator: state.generator,
    add: (line) => addLine(state, line),
    findings: () => summarise(state),
    unhealthyArrivals: state.service.unhealthyArrivals,
    durations: (wanted) => durationsIn(state.phases, wanted),
    distributions: () => distributionsOf(plan, state.phases),
    endUnixMs: () =>
      state.zeroUnixMs === undefined ? undefined : state.zeroUnixMs + endNs(state) / NS_PER_MS,
  };
}

function addLine(state: VariantState, line: VariantRecordLine): void {
  switch (line.type) {
    case 'variant':
      state.zeroUnixMs ??= line.zeroUnixMs;
      for (const { name, address, via } of line.backends) {
        state.addresses.set(name, via ?? address);
      }
      if (line.proxy !== undefined) state.addresses.set(PROXY_NAME, line.proxy.address);
      break;
    case 'load':
      state.lastNs = Math.max(state.lastNs, line.toNs);
      addLoadLine((name) => entry(state.phases, name, emptyPhaseTally), line);
      state.series.add(line);
      state.backendSeries.add(line);
      state.generator.add(line);
      state.cpu.addLoad(line);
      state.windows.addLoad(line);
      state.interceptors.addLoad(line);
      state.discovery.addLoad(line);
      state.ejections.addLoad(line);
      state.stories.add(line);
      break;
    case 'target':
      state.servers.add(line);
      state.tiers.add(line);
      state.served.add(line);
      state.busy.add(line);
      state.stories.addTarget(line);
      state.service.add(line);
      state.cpu.addTarget(line);
      state.windows.addTarget(line);
      state.interceptors.addTarget(line);
      break;
    case 'proxy':
      state.proxy.add(line);
      state.servers.addProxy(line);
      state.served.addProxy(line);
      state.cpu.addProxy(line);
      break;
    case 'event':
      state.events.push(toEvent(line));
      state.health.add(line);
      state.discovery.addEvent(line);
      state.ejections.addEvent(line);
      break;
    case 'variant-end':
      state.ends.push(line);
      break;
  }
}

/**
 * A shard of a run ends its variant for itself; the variant ran to its end when all of them did.
 */
function isComplete({ ends }: VariantState): boolean {
  return ends.length > 0 && ends.every((end) => end.complete);
}

/** When it ended on the load clock, or how far it got. */
function endNs(state: VariantState): number {
  if (isComplete(state)) return state.plan.durationNs;
  return Math.max(state.lastNs, ...state.ends.map(({ atNs }) => atNs));
}

function summarise(state: VariantState): VariantFindings {
  const { plan, phases, servers } = state;
  const events = sortEvents(state.events);
  const complete = isComplete(state);
  const allAttempts = [...phases.values()].flatMap(({ attempts }) => [...attempts.values()]);
  const phaseSummaries = summarisePhases(state);
  const contradictions = contradictionsOf(phaseSummaries);
  return {
    name: plan.name,
    ...withDefined({ about: plan.about, setup: plan.setup }),
    driver: plan.client.driver,
    ...(plan.loads.every(isClosedLoop) ? { closedLoop: true as const } : {}),
    complete,
    ...withDefined({ chains: chainsOf(plan) }),
    ...withDefined({ reason: complete ? undefined : whyIncomplete(state) }),
    ...(isSkipped(state) ? { skipped: true as const } : {}),
    phases: phaseSummaries,
    series: state.series.points(),
    ...withDefined({ backendSeries: backendPoints(state) }),
    faults: servers.faults(),
    attempts: agreeOnAttempts({
      attempts: sumAttempts(allAttempts.map(({ counts }) => counts)),
      hitInProxy: hitsInProxy(servers.faults()),
      received: hasServers(plan) ? servers.receivedByPreviousAttempts() : undefined,
      events,
      complete,
    }),
    events,
    ...withDefined({
      health: state.health.summarise(endNs(state)),
      discovery: state.discovery.summarise(endNs(state)),
    }),
    generator: {
      ...state.generator.summarise(),
      ...withDefined({ contradictions: contradictions.length === 0 ? undefined : contradictions }),
    },
  };
}

/** Undefined where there is nothing to choose from. */
function backendPoints({ plan, addresses, backendSeries }: VariantState) {
  const names = namesForClients(plan);
  if (names.length < 2) return undefined;
  const named = names.map((name) => [addresses.get(name) ?? name, name] as const);
  return backendSeries.points(new Map(named));
}

function longLivedLoads({ loads }: VariantPlan): ReadonlySet<string> {
  const longLived = loads.filter(({ call }) => entryOf<AnyCallKind>(calls, call.kind).longLived);
  return new Set(longLived.map(({ name }) => name));
}

const isClosedLoop = ({ arrivals: { kind } }: LoadSpec) =>
  entryOf<ArrivalKind>(arrivals, kind).loop === 'closed';

/** What faults in the proxy hit: attempts, or whole connections. */
function hitsInProxy(all: readonly FaultSummary[]): HitsInProxy {
  const hits = { attempts: 0, connections: 0 };
  for (const { kind, in: place, hit } of all) {
    if (place !== 'proxy') continue;
    hits[entryOf<FaultKind>(faults, kind).acts === 'call' ? 'attempts' : 'connections'] += hit;
  }
  return hits;
}

function chainsOf({ client, backends }: VariantPlan): ChainSummary | undefined {
  const names = (chain: readonly InterceptorSpec[] = []) => chain.map(({ name }) => name);
  const chains = { client: names(client.interceptors), server: names(backends[0]?.interceptors) };
  return chains.client.length + chains.server.length === 0 ? undefined : chains;
}

/** Of the phases that were reached. */
function summarisePhases(state: VariantState): PhaseSummary[] {
  if (!hasStarted(state)) return [];
  const { plan, phases, addresses, servers } = state;
  const isOneForAll = plan.proxy?.balance !== undefined;
  const end = endNs(state);
  const points = backendPoints(state);
  const known = (names: readonly string[]) =>
    names.map((name) => ({ name, address: addresses.get(name) ?? '' }));
  return plan.phases
    .filter(({ fromNs }) => fromNs < end)
    .map((phase) => {
      const served = isOneForAll ? state.served.in(phase.name) : undefined;
      const names = served === undefined ? namesForClients(plan) : plan.backends.map(nameOf);
      return summarisePhase(phase, phases.get(phase.name) ?? emptyPhaseTally(), {
        plan,
        backends: known(names),
        served,
        busy: state.busy.in(phase.name),
        stories: state.stories.in(phase.name, (address) => nameAt(state, address)),
        endNs: end,
        proxy: state.proxy.in(phase.name),
        wasted: servers.wastedIn(phase.name),
        chat: servers.chatIn(phase.name),
        tiers: (calls) => state.tiers.in(phase.name, calls),
        windows: state.windows.in(phase.name),
        cpu: state.cpu.in(phase.name),
        server: state.service.in(phase.name),
        interceptors: state.interceptors.in(phase.name),
        ejections: state.ejections.between(phase.fromNs, Math.min(phase.toNs, end)),
        points: served === undefined ? points : undefined,
      });
    });
}

const nameOf = ({ name }: { readonly name: string }) => name;

/** Of whoever is known by an address; the address itself when nobody is. */
function nameAt({ addresses }: VariantState, address: string): string {
  for (const [name, known] of addresses) if (known === address) return name;
  return address;
}

/** Whether any backend counts for us. */
function hasServers({ backends }: VariantPlan): boolean {
  return backends.some(({ external }) => external === undefined);
}

function isSkipped({ ends }: VariantState): boolean {
  return ends.length > 0 && ends.every(({ skipped }) => skipped === true);
}

function hasStarted({ zeroUnixMs, lastNs }: VariantState): boolean {
  return zeroUnixMs !== undefined || lastNs > 0;
}

/** In the plan's order; of loads that had a call in the phase. */
function distributionsOf(
  plan: VariantPlan,
  tallies: ReadonlyMap<string, PhaseTally>,
): CellDistribution[] {
  return plan.phases.flatMap((phase) =>
    plan.loads.flatMap((load) => {
      const tally = tallies.get(phase.name)?.calls.get(load.name);
      if (tally === undefined) return [];
      const latency = tally.latency.encoded();
      const serviceTime = tally.serviceTime.encoded();
      const cell = { variant: plan.name, phase: phase.name, load: load.name };
      return [{ ...cell, ...withDefined({ latency, serviceTime }) }];
    }),
  );
}

function toEvent({ atNs, kind, detail, plannedNs, ...rest }: EventLine): EventSummary {
  const { subject, health, discovery, ejection } = rest;
  const plannedMs = plannedNs === undefined ? undefined : plannedNs / NS_PER_MS;
  const optional = withDefined({ subject, plannedMs, health, discovery, ejection });
  return { atMs: atNs / NS_PER_MS, kind, detail, ...optional };
}

/** By time; what happened at one moment, in one order however it arrived. */
function sortEvents(events: readonly EventSummary[]): EventSummary[] {
  return [...events].sort(
    (a, b) => a.atMs - b.atMs || compareText(a.kind, b.kind) || compareText(a.detail, b.detail),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function whyIncomplete(state: VariantState): string {
  // One that could not be started ended all the same, with the reason.
  if (!hasStarted(state) && state.ends.length === 0) return 'it was not run';
  const reasons = state.ends
    .filter((end) => !end.complete)
    .map(({ reason }) => reason ?? 'no reason given');
  return reasons.length > 0 ? [...new Set(reasons)].join('; ') : 'the record stops before its end';
}
