/** What the tallies of one variant say: all of its summary but its checks. */
import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import type { VariantFindings } from '../checks/check.js';
import type { FaultKind } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { InterceptorSpec } from '../interceptors/interceptor.js';
import type { ChainSummary, EventSummary, FaultSummary, PhaseSummary } from '../metrics/summary.js';
import { namesForClients, type VariantPlan } from '../scenarios/plan.js';
import type { LoadSpec } from '../workers/spec.js';
import { agreeOnAttempts, type HitsInProxy } from './attempt-agreement.js';
import { sumAttempts } from './attempt-tally.js';
import { contradictionsOf } from './littles-law.js';
import { summarisePhase } from './phase-summary.js';
import { emptyPhaseTally } from './phase-tally.js';
import {
  endNs,
  hasStarted,
  isComplete,
  isSkipped,
  type VariantTallies,
  whyIncomplete,
} from './variant-tallies.js';
import { withDefined } from './with-defined.js';

export function findingsOf(tallies: VariantTallies): VariantFindings {
  const { plan, phases, servers } = tallies;
  const events = sortEvents(tallies.events);
  const complete = isComplete(tallies);
  const allAttempts = [...phases.values()].flatMap(({ attempts }) => [...attempts.values()]);
  const phaseSummaries = summarisePhases(tallies);
  const contradictions = contradictionsOf(phaseSummaries);
  return {
    name: plan.name,
    ...withDefined({ about: plan.about, setup: plan.setup }),
    driver: plan.client.driver,
    ...(plan.loads.every(isClosedLoop) ? { closedLoop: true as const } : {}),
    complete,
    ...withDefined({ chains: chainsOf(plan) }),
    ...withDefined({ reason: complete ? undefined : whyIncomplete(tallies) }),
    ...(isSkipped(tallies) ? { skipped: true as const } : {}),
    phases: phaseSummaries,
    series: tallies.series.points(),
    ...withDefined({ backendSeries: backendPoints(tallies) }),
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
      health: tallies.health.summarise(endNs(tallies)),
      discovery: tallies.discovery.summarise(endNs(tallies)),
    }),
    generator: {
      ...tallies.generator.summarise(),
      ...withDefined({ contradictions: contradictions.length === 0 ? undefined : contradictions }),
    },
  };
}

/** Of the phases that were reached. */
function summarisePhases(tallies: VariantTallies): PhaseSummary[] {
  if (!hasStarted(tallies)) return [];
  const { plan, phases, addresses, servers } = tallies;
  const isOneForAll = plan.proxy?.balance !== undefined;
  const end = endNs(tallies);
  const points = backendPoints(tallies);
  const known = (names: readonly string[]) =>
    names.map((name) => ({ name, address: addresses.get(name) ?? '' }));
  return plan.phases
    .filter(({ fromNs }) => fromNs < end)
    .map((phase) => {
      const served = isOneForAll ? tallies.served.in(phase.name) : undefined;
      const names = served === undefined ? namesForClients(plan) : plan.backends.map(nameOf);
      return summarisePhase(phase, phases.get(phase.name) ?? emptyPhaseTally(), {
        plan,
        backends: known(names),
        served,
        busy: tallies.busy.in(phase.name),
        stories: tallies.stories.in(phase.name, (address) => nameAt(tallies, address)),
        endNs: end,
        proxy: tallies.proxy.in(phase.name),
        wasted: servers.wastedIn(phase.name),
        chat: servers.chatIn(phase.name),
        tiers: (calls) => tallies.tiers.in(phase.name, calls),
        windows: tallies.windows.in(phase.name),
        cpu: tallies.cpu.in(phase.name),
        server: tallies.service.in(phase.name),
        interceptors: tallies.interceptors.in(phase.name),
        ejections: tallies.ejections.between(phase.fromNs, Math.min(phase.toNs, end)),
        points: served === undefined ? points : undefined,
      });
    });
}

/** Undefined where there is nothing to choose from. */
function backendPoints({ plan, addresses, backendSeries }: VariantTallies) {
  const names = namesForClients(plan);
  if (names.length < 2) return undefined;
  const named = names.map((name) => [addresses.get(name) ?? name, name] as const);
  return backendSeries.points(new Map(named));
}

const nameOf = ({ name }: { readonly name: string }) => name;

/** Of whoever is known by an address; the address itself when nobody is. */
function nameAt({ addresses }: VariantTallies, address: string): string {
  for (const [name, known] of addresses) if (known === address) return name;
  return address;
}

function chainsOf({ client, backends }: VariantPlan): ChainSummary | undefined {
  const names = (chain: readonly InterceptorSpec[] = []) => chain.map(({ name }) => name);
  const chains = { client: names(client.interceptors), server: names(backends[0]?.interceptors) };
  return chains.client.length + chains.server.length === 0 ? undefined : chains;
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

/** Whether any backend counts for us. */
function hasServers({ backends }: VariantPlan): boolean {
  return backends.some(({ external }) => external === undefined);
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
