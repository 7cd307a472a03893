/** One variant's part of a record, added up as it comes. */
import type { VariantFindings } from '../checks/check.js';
import type { DurationsWanted } from '../checks/evidence.js';
import type { EncodedHistogram } from '../metrics/histogram.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { durationsIn } from './durations.js';
import type { CellDistribution } from './findings.js';
import type { GeneratorTally } from './generator.js';
import type { PhaseTally } from './phase-tally.js';
import type { ServiceTally } from './service-tally.js';
import { findingsOf } from './variant-findings.js';
import { addLine, endNs, type VariantRecordLine, variantTallies } from './variant-tallies.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;

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

export function createVariantAnalysis(plan: VariantPlan, intervalNs: number): VariantAnalysis {
  const tallies = variantTallies(plan, intervalNs);
  return {
    generator: tallies.generator,
    add: (line) => addLine(tallies, line),
    findings: () => findingsOf(tallies),
    unhealthyArrivals: tallies.service.unhealthyArrivals,
    durations: (wanted) => durationsIn(tallies.phases, wanted),
    distributions: () => distributionsOf(plan, tallies.phases),
    endUnixMs: () =>
      tallies.zeroUnixMs === undefined
        ? undefined
        : tallies.zeroUnixMs + endNs(tallies) / NS_PER_MS,
  };
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
