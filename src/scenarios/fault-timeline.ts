/**
 * Faults as a scenario lists them, resolved to stretches of the load clock.
 */
import { entryOf } from '../base/catalogue.js';
import { didYouMean } from '../base/nearest.js';
import { formatDuration } from '../base/units.js';
import type { CallFaultEnvelope, FaultKind, FaultWindow } from '../faults/fault.js';
import { callFaultEnvelope } from '../faults/fault.js';
import { faults as catalogue } from '../faults/index.js';
import type { BackendSpec } from '../targets/spec.js';
import type { PhaseWindow } from '../workers/spec.js';
import { contradictions, withoutCapacity } from './fault-conflicts.js';
import type { Scenario } from './scenario-schema.js';
import type { Path } from './source.js';

/** A mistake that only shows once all parts of a variant are known. */
export interface PlacedMistake {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}

type ChosenFault = Scenario['faults'][number];

interface PlacedFault {
  readonly fault: ChosenFault;
  readonly path: Path;
  readonly phaseName: string | undefined;
}

const ENVELOPE_KEYS: ReadonlySet<string> = new Set(Object.keys(callFaultEnvelope));

/**
 * Every fault of a variant, in the order of its phases.
 * @returns mistakes too: a phase or backend that nobody defines, a fault longer than its phase.
 */
export function faultTimeline(
  scenario: Scenario,
  phases: readonly PhaseWindow[],
  backends: readonly BackendSpec[],
): { windows: FaultWindow[]; mistakes: PlacedMistake[] } {
  const mistakes: PlacedMistake[] = [];
  const windows: FaultWindow[] = [];
  const names = backends.map(({ name }) => name);
  for (const { fault, path, phaseName } of placedFaults(scenario)) {
    const envelope = fault.options as CallFaultEnvelope;
    const phase = phases.find(({ name }) => name === phaseName);
    mistakes.push(...backendMistakes(envelope, backends, path));
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
    const window = windowOf(fault, phase.name, fromNs, toNs, windows);
    mistakes.push(
      ...contradictions(window, windows, names).map((rest) => ({ path, ...rest })),
      ...withoutCapacity(window, backends).map((rest) => ({ path, ...rest })),
    );
    windows.push(window);
  }
  return { windows, mistakes };
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

function windowOf(
  fault: ChosenFault,
  phase: string,
  fromNs: number,
  toNs: number,
  before: readonly FaultWindow[],
): FaultWindow {
  const { backends, methods, share } = fault.options as CallFaultEnvelope;
  const own = Object.entries(fault.options).filter(([key]) => !ENVELOPE_KEYS.has(key));
  const id = `${phase}/${fault.kind}`;
  const same = before.filter((other) => other.id === id || other.id.startsWith(`${id}#`)).length;
  const { acts } = entryOf<FaultKind>(catalogue, fault.kind);
  return {
    id: same === 0 ? id : `${id}#${same + 1}`,
    kind: fault.kind,
    phase,
    fromNs,
    toNs,
    ...(backends === undefined ? {} : { backends }),
    ...(methods === undefined ? {} : { methods }),
    ...(acts === 'call' ? { share: share ?? 1 } : {}),
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

function backendMistakes(
  { backends: wanted = [] }: CallFaultEnvelope,
  backends: readonly BackendSpec[],
  path: Path,
): PlacedMistake[] {
  const names = backends.map((backend) => backend.name);
  return wanted.flatMap((name, index) =>
    names.includes(name)
      ? []
      : [
          {
            path: [...path, 'backends', index],
            message: `there is no backend "${name}"`,
            hint: didYouMean(name, names),
          },
        ],
  );
}
