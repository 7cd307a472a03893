/**
 * Faults as a scenario lists them, resolved to stretches of the load clock.
 */
import { entryOf } from '../base/catalogue.js';
import { didYouMean } from '../base/nearest.js';
import { formatDuration } from '../base/units.js';
import type { CallFaultEnvelope, FaultKind, FaultWindow } from '../faults/fault.js';
import { callFaultEnvelope } from '../faults/fault.js';
import { faults as catalogue } from '../faults/index.js';
import type { PhaseWindow } from '../workers/spec.js';
import { discoveryConflicts } from './discovery-conflicts.js';
import { contradictions, type PlacedWindow } from './fault-conflicts.js';
import { placeOf } from './fault-place.js';
import { type Reach, reachOf, type TierBackends } from './fault-reach.js';
import { hostConflicts, silencedConflicts } from './host-conflicts.js';
import type { PlacedMistake } from './placed-mistake.js';
import { processConflicts, withoutCapacity } from './process-conflicts.js';
import type { Scenario } from './scenario-schema.js';
import type { Path } from './source.js';

type ChosenFault = Scenario['faults'][number];

interface PlacedFault {
  readonly fault: ChosenFault;
  readonly path: Path;
  readonly phaseName: string | undefined;
}

const ENVELOPE_KEYS: ReadonlySet<string> = new Set(Object.keys(callFaultEnvelope));

/**
 * Every fault of a variant, in the order of its phases.
 * @returns mistakes too: a phase, backend, zone or method that nobody defines, a fault longer than
 *   its phase, one that could never act.
 */
export function faultTimeline(
  scenario: Scenario,
  phases: readonly PhaseWindow[],
  [front, ...behind]: readonly [TierBackends, ...TierBackends[]],
): { windows: FaultWindow[]; mistakes: PlacedMistake[] } {
  const mistakes: PlacedMistake[] = [];
  const windows: PlacedWindow[] = [];
  const tiers = [front, ...behind];
  const backends = tiers.flatMap((tier) => tier.backends);
  const names = backends.map(({ name }) => name);
  for (const { fault, path, phaseName } of placedFaults(scenario)) {
    const envelope = fault.options as CallFaultEnvelope;
    const phase = phases.find(({ name }) => name === phaseName);
    const place = placeOf(fault, scenario, path);
    const isBeforeFront = place.in === 'proxy' || isOfDiscovery(fault);
    const reach = reachOf(fault, isBeforeFront ? [front] : tiers, path);
    mistakes.push(...reach.mistakes, ...place.mistakes);
    if (phase === undefined) {
      mistakes.push(phaseMistake(phaseName, phases, path));
      continue;
    }
    // `--quick` shortens phases; what happens inside one keeps its place.
    const written = scenario.phases.find(({ name }) => name === phase.name)?.for ?? 1;
    const scale = (phase.toNs - phase.fromNs) / written;
    const fromNs = phase.fromNs + Math.round((envelope.at ?? 0) * scale);
    const toNs =
      envelope.for === undefined ? phase.toNs : fromNs + Math.round(envelope.for * scale);
    if (fromNs >= phase.toNs || toNs > phase.toNs) {
      const length = formatDuration(written);
      mistakes.push({
        path,
        message: `the fault reaches past the end of its phase "${phase.name}"`,
        hint: `the phase lasts ${length}`,
      });
    }
    const before = windows.map((placed) => placed.window);
    const window = windowOf(
      fault,
      { ...reach, in: place.in },
      { phase: phase.name, fromNs, toNs },
      windows,
    );
    mistakes.push(
      ...processConflicts(window, before, names).map((rest) => ({ path, ...rest })),
      ...hostConflicts(window, before, names).map((rest) => ({ path, ...rest })),
      ...withoutCapacity(window, backends).map((rest) => ({ path, ...rest })),
    );
    windows.push({ window, path });
  }
  const all = windows.map(({ window }) => window);
  for (const { window, path } of windows) {
    mistakes.push(...silencedConflicts(window, all, names).map((rest) => ({ path, ...rest })));
  }
  // Of names that nobody defines nothing follows.
  if (mistakes.length === 0) {
    mistakes.push(
      ...contradictions(windows, backends),
      ...discoveryConflicts(windows, front.backends, scenario.client),
    );
  }
  return { windows: all, mistakes };
}

function placedFaults(scenario: Scenario): PlacedFault[] {
  const inPhases = scenario.phases.flatMap((phase, phaseIndex) =>
    phase.faults.map((fault, index) => ({
      fault,
      path: ['phases', phaseIndex, 'faults', index, fault.kind],
      phaseName: (fault.options as CallFaultEnvelope).phase ?? phase.name,
    })),
  );
  const onTheirOwn = scenario.faults.map((fault, index) => ({
    fault,
    path: ['faults', index, fault.kind],
    phaseName: (fault.options as CallFaultEnvelope).phase,
  }));
  return [...inPhases, ...onTheirOwn];
}

/** The client's name service knows the front tier, and nothing of the others; as does a proxy. */
function isOfDiscovery({ kind }: ChosenFault): boolean {
  return entryOf<FaultKind>(catalogue, kind).acts === 'discovery';
}

function windowOf(
  fault: ChosenFault,
  { backends, methods, in: place }: Reach & { readonly in: 'proxy' | undefined },
  stretch: Pick<FaultWindow, 'phase' | 'fromNs' | 'toNs'>,
  before: readonly PlacedWindow[],
): FaultWindow {
  const { share, metadata, count, maxActive } = fault.options as CallFaultEnvelope;
  const own = Object.entries(fault.options).filter(([key]) => !ENVELOPE_KEYS.has(key));
  const id = `${stretch.phase}/${fault.kind}`;
  const isSame = (other: string) => other === id || other.startsWith(`${id}#`);
  const same = before.filter(({ window }) => isSame(window.id)).length;
  const { acts } = entryOf<FaultKind>(catalogue, fault.kind);
  return {
    id: same === 0 ? id : `${id}#${same + 1}`,
    kind: fault.kind,
    ...stretch,
    ...(place === undefined ? {} : { in: place }),
    ...(backends === undefined ? {} : { backends }),
    ...(methods === undefined ? {} : { methods }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(acts === 'call' ? { share: share ?? 1 } : share === undefined ? {} : { share }),
    ...(count === undefined ? {} : { count }),
    ...(maxActive === undefined ? {} : { maxActive }),
    options: Object.fromEntries(own),
  };
}

function phaseMistake(
  name: string | undefined,
  phases: readonly PhaseWindow[],
  path: Path,
): PlacedMistake {
  const names = phases.map((phase) => phase.name);
  return name === undefined
    ? {
        path,
        message: 'a fault outside a phase must name its phase',
        hint: `add phase: ${names.join(' or ')}`,
      }
    : {
        path: [...path, 'phase'],
        message: `there is no phase "${name}"`,
        hint: didYouMean(name, names),
      };
}
