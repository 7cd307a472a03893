/**
 * How long each backend was in service during a phase, by its own counts: slots × time. Its intervals go to
 * the phase that contains their middle, as all that servers count.
 */
import type { TargetLine } from '../metrics/record.js';
import type { BackendSummary } from '../metrics/summary.js';
import type { BackendSpec } from '../targets/spec.js';
import type { PhaseWindow } from '../workers/spec.js';
import { entry } from './phase-tally.js';
import { phaseAt } from './server-tally.js';

/** By name of the backend, in ns. */
export type BusyTimes = ReadonlyMap<string, number>;

export interface BusyTally {
  add(line: TargetLine): void;
  in(phase: string): BusyTimes;
}

const NOBODY: BusyTimes = new Map();

export function busyTally(phases: readonly PhaseWindow[]): BusyTally {
  const byPhase = new Map<string, Map<string, number>>();
  return {
    add({ fromNs, toNs, backend, counts }) {
      const phase = phaseAt(phases, (fromNs + toNs) / 2);
      if (phase === undefined) return;
      const times = entry(byPhase, phase.name, () => new Map<string, number>());
      times.set(backend, (times.get(backend) ?? 0) + counts.busyNs);
    },
    in: (phase) => byPhase.get(phase) ?? NOBODY,
  };
}

/** Summaries with how busy those were whose capacity has an end, and who told of it. */
export function withUtilisation(
  summaries: readonly BackendSummary[],
  planned: readonly BackendSpec[],
  times: BusyTimes,
  lengthNs: number,
): BackendSummary[] {
  const slots = new Map(planned.map(({ name, capacity }) => [name, capacity?.slots]));
  return summaries.map((summary) => {
    const busyNs = times.get(summary.name);
    const of = slots.get(summary.name);
    if (busyNs === undefined || of === undefined || lengthNs <= 0) return summary;
    // A service counts where it ends, so one that began before the phase may be too much for it.
    return { ...summary, utilisation: Math.min(1, busyNs / (of * lengthNs)) };
  });
}
