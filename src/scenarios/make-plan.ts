/**
 * Scenario → Plan: phases become stretches of the load clock, faults are put on it, names are
 * checked against each other. Pure: the same input gives the same plan, byte for byte.
 */
import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import type { Pacing } from '../base/due-queue.js';
import type { FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { BackendSpec, WrittenBackend } from '../targets/spec.js';
import type { LoadSpec, PhaseWindow } from '../workers/spec.js';
import { checkMistakes } from './check-mistakes.js';
import { faultTimeline } from './fault-timeline.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { VariantPlan } from './plan.js';
import { type Chained, planChains } from './plan-chains.js';
import { planTiers } from './plan-tiers.js';
import { zoneMistakes } from './plan-zones.js';
import { proxyMistakes } from './proxy-conflicts.js';
import { retryMistakes } from './retry-conflicts.js';
import type { Scenario } from './scenario-schema.js';

/** However much a variant is shortened, no phase gets shorter than this. */
const QUICK_PHASE_NS_MIN = 300e6;

export interface PlanOptions {
  /** `--quick`: phases are shortened to about this long together. */
  readonly lengthNsMax?: number | undefined;
  /** `--workers`: instead of the scenario's. */
  readonly workers?: number | undefined;
  /** Of all variants, for checks that compare; this one alone when absent. */
  readonly variantNames?: readonly string[];
}

/** One variant's plan, and what is wrong with it. */
export function planVariant(
  name: string,
  scenario: Scenario,
  options: PlanOptions = {},
): { plan: VariantPlan; mistakes: readonly PlacedMistake[] } {
  const { lengthNsMax = Number.POSITIVE_INFINITY, workers = scenario.workers } = options;
  const phases = phaseWindows(scenario, shrinkFactor(scenario, lengthNsMax));
  const tiers = planTiers(scenario);
  const { windows, mistakes } = faultTimeline(scenario, phases, tiers.described);
  const { chain: _client, ...client } = scenario.client;
  const chains = planChains(scenario, tiers.tiers);
  const allBackends = tiers.tiers.flatMap(({ backends }) => backends);
  const callIds = isAskedForCallIds(allBackends, windows);
  const [front, ...behind] = tiers.tiers.map((tier, index) => ({
    name: tier.name,
    backends: tier.backends.map((backend) =>
      plannedBackend(backend, chains.servers[index], callIds),
    ),
  }));
  const loads = scenario.load.map((resolve) => resolve(scenario.client.deadlineNs));
  const plan: VariantPlan = {
    name,
    ...(scenario.about === undefined ? {} : { about: scenario.about }),
    durationNs: phases.at(-1)?.toNs ?? 0,
    phases,
    backends: front?.backends ?? [],
    ...(behind.length === 0 ? {} : { tiers: behind }),
    ...(scenario.proxy === undefined ? {} : { proxy: scenario.proxy }),
    client: {
      ...client,
      callIds,
      ...chains.client,
    },
    loads,
    faults: windows,
    checks: scenario.checks,
    sampleShare: sampleShareFor(loads),
    pacing: scenario.pacing ?? pacingFor(loads, workers),
  };
  return {
    plan,
    mistakes: [
      ...repeatedNames('phases', phases),
      ...repeatedNames('load', loads),
      ...checkMistakes(plan, options.variantNames),
      ...tiers.mistakes,
      ...mistakes,
      ...proxyMistakes(scenario),
      ...chains.mistakes,
      ...retryMistakes(scenario, chains.client.interceptors),
      ...zoneMistakes(scenario),
    ],
  };
}

/** A backend with its interceptors; as a client it says which call is which when clients do. */
function plannedBackend(
  { chain: _, next, ...backend }: WrittenBackend,
  chained: Chained | undefined,
  callIds: boolean,
): BackendSpec {
  return {
    ...backend,
    ...(next === undefined ? {} : { next: { ...next, client: { ...next.client, callIds } } }),
    ...chained,
  };
}

/** Whether any backend treats calls by their number or due time. */
function isAskedForCallIds(
  backends: readonly BackendSpec[],
  windows: readonly FaultWindow[],
): boolean {
  const isCallFault = ({ kind }: FaultWindow) => entryOf<FaultKind>(faults, kind).acts === 'call';
  return backends.some(({ capacity }) => capacity !== undefined) || windows.some(isCallFault);
}

/**
 * Precise from where a timer's millisecond is a call or more on every thread: there, turning the loop
 * costs little beside the calls, and relaxed pacing would send them in clumps.
 */
const PRECISE_FROM_PER_SECOND = 2000;

function pacingFor(loads: readonly LoadSpec[], workers: number): Pacing {
  return openRatePerSecond(loads) / workers >= PRECISE_FROM_PER_SECOND ? 'precise' : 'relaxed';
}

function openRatePerSecond(loads: readonly LoadSpec[]): number {
  const rates = loads.map(({ arrivals: { kind, options } }) => {
    const entry = entryOf<ArrivalKind>(arrivals, kind);
    return entry.loop === 'open' ? entry.peakRatePerSecond(options) : 0;
  });
  return rates.reduce((sum, rate) => sum + rate, 0);
}

/** Single calls that are written down of a second, about. */
const SAMPLES_PER_SECOND = 5;
/** Nobody knows how many calls a closed loop makes; it may be a million in a second. */
const CLOSED_SAMPLE_SHARE = 1 / 5_000;

function sampleShareFor(loads: readonly LoadSpec[]): number {
  const rate = openRatePerSecond(loads);
  return rate === 0 ? CLOSED_SAMPLE_SHARE : Math.min(1, SAMPLES_PER_SECOND / rate);
}

/** By how much phases, and the faults in them, shrink alike, so that the shape stays. */
function shrinkFactor(scenario: Scenario, lengthNsMax: number): number {
  const totalNs = scenario.phases.reduce((sum, phase) => sum + phase.for, 0);
  return Math.min(1, lengthNsMax / totalNs);
}

function phaseWindows(scenario: Scenario, factor: number): PhaseWindow[] {
  let fromNs = 0;
  return scenario.phases.map((phase) => {
    const shortest = Math.min(phase.for, QUICK_PHASE_NS_MIN);
    const toNs = fromNs + Math.max(Math.round(phase.for * factor), shortest);
    const window = { name: phase.name, fromNs, toNs, discard: phase.discard };
    fromNs = toNs;
    return window;
  });
}

function repeatedNames(key: string, named: readonly (PhaseWindow | LoadSpec)[]): PlacedMistake[] {
  return named.flatMap(({ name }, index) =>
    named.findIndex((other) => other.name === name) === index
      ? []
      : [{ path: [key, index], message: `a second "${name}" in ${key}: names are unique` }],
  );
}
