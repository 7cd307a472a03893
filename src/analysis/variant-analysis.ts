/** One variant's part of a record, added up as it comes. */
import type {
  EventLine,
  LoadLine,
  TargetLine,
  VariantEndLine,
  VariantLine,
} from '../metrics/record.js';
import type { EventSummary, VariantSummary } from '../metrics/summary.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { agreeOnAttempts } from './attempt-agreement.js';
import { sumAttempts } from './attempt-tally.js';
import type { CellDistribution } from './findings.js';
import { type GeneratorTally, generatorTally } from './generator.js';
import { type KnownBackend, summarisePhase } from './phase-summary.js';
import { addLoadLine, emptyPhaseTally, entry, type PhaseTally } from './phase-tally.js';
import { seriesTally } from './series.js';
import { serverTally } from './server-tally.js';
import { judgeChecks } from './verdicts.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;

export type VariantRecordLine = VariantLine | LoadLine | TargetLine | EventLine | VariantEndLine;

export interface VariantAnalysis {
  readonly generator: GeneratorTally;
  add(line: VariantRecordLine): void;
  summarise(): VariantSummary;
  distributions(): CellDistribution[];
  /** Unix time of the variant's end, or of how far it got, in ms; undefined before it began. */
  endUnixMs(): number | undefined;
}

export function createVariantAnalysis(plan: VariantPlan, intervalNs: number): VariantAnalysis {
  const phases = new Map<string, PhaseTally>();
  const series = seriesTally(intervalNs);
  const servers = serverTally(plan.phases, plan.faults);
  const generator = generatorTally(plan.phases);
  const events: EventSummary[] = [];
  const addresses = new Map<string, string>();
  const ends: VariantEndLine[] = [];
  let zeroUnixMs: number | undefined;
  let lastNs = 0;

  const backends = (): KnownBackend[] =>
    plan.backends.map(({ name }) => ({ name, address: addresses.get(name) ?? '' }));
  // A shard of a run ends its variant for itself; the variant ran to its end when all of them did.
  const complete = () => ends.length > 0 && ends.every((end) => end.complete);
  const endNs = () => (complete() ? plan.durationNs : Math.max(lastNs, ...ends.map((e) => e.atNs)));

  return {
    generator,
    add(line) {
      switch (line.type) {
        case 'variant':
          zeroUnixMs ??= line.zeroUnixMs;
          for (const { name, address } of line.backends) addresses.set(name, address);
          break;
        case 'load':
          lastNs = Math.max(lastNs, line.toNs);
          addLoadLine((name) => entry(phases, name, emptyPhaseTally), line);
          series.add(line);
          generator.add(line);
          break;
        case 'target':
          servers.add(line);
          break;
        case 'event':
          events.push(toEvent(line));
          break;
        case 'variant-end':
          ends.push(line);
          break;
      }
    },
    summarise() {
      const sortedEvents = sortEvents(events);
      const started = zeroUnixMs !== undefined || lastNs > 0;
      const reached = plan.phases.filter(({ fromNs }) => started && fromNs < endNs());
      const allAttempts = [...phases.values()].flatMap(({ attempts }) => [...attempts.values()]);
      const findings = {
        name: plan.name,
        driver: plan.client.driver,
        complete: complete(),
        ...withDefined({ reason: complete() ? undefined : whyIncomplete(started, ends) }),
        phases: reached.map((phase) =>
          summarisePhase(phase, phases.get(phase.name) ?? emptyPhaseTally(), {
            plan,
            backends: backends(),
            endNs: endNs(),
            wasted: servers.wastedIn(phase.name),
          }),
        ),
        series: series.points(),
        faults: servers.faults(),
        attempts: agreeOnAttempts({
          attempts: sumAttempts(allAttempts.map(({ counts }) => counts)),
          received: servers.receivedByPreviousAttempts(),
          events: sortedEvents,
          complete: complete(),
        }),
        events: sortedEvents,
        generator: generator.summarise(),
      };
      return { ...findings, checks: judgeChecks(plan.checks, findings) };
    },
    distributions: () => distributionsOf(plan, phases),
    endUnixMs: () => (zeroUnixMs === undefined ? undefined : zeroUnixMs + endNs() / NS_PER_MS),
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

function toEvent({ atNs, kind, detail, subject, plannedNs }: EventLine): EventSummary {
  const plannedMs = plannedNs === undefined ? undefined : plannedNs / NS_PER_MS;
  return { atMs: atNs / NS_PER_MS, kind, detail, ...withDefined({ subject, plannedMs }) };
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

function whyIncomplete(started: boolean, ends: readonly VariantEndLine[]): string {
  if (!started) return 'it was not run';
  const reasons = ends
    .filter((end) => !end.complete)
    .map(({ reason }) => reason ?? 'no reason given');
  return reasons.length > 0 ? [...new Set(reasons)].join('; ') : 'the record stops before its end';
}
