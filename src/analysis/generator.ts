/** How the generator itself fared in a variant, over the phases that are not discarded. */
import { type MergedDurations, mergedDurations } from '../metrics/merged-durations.js';
import type { LoadLine } from '../metrics/record.js';
import type { GeneratorSummary } from '../metrics/summary.js';
import type { PhaseWindow } from '../workers/spec.js';
import { entry } from './phase-tally.js';
import { type PhaseGenerator, saturationReasons } from './saturation.js';
import { phaseAt } from './server-tally.js';
import { withDefined } from './with-defined.js';

/** Shares weighted by the time they hold for. */
interface WeightedShare {
  ns: number;
  shareNs: number;
}

interface WorkerTally {
  readonly loopBusy: WeightedShare;
  readonly cpu: WeightedShare;
}

interface PhaseWorkers {
  readonly lateness: MergedDurations;
  readonly workers: Map<string, WorkerTally>;
}

export interface GeneratorTally {
  add(line: LoadLine): void;
  summarise(): GeneratorSummary;
  /** All lateness, for the run's own summary. */
  lateness(): MergedDurations;
  eventLoopDelay(): MergedDurations;
}

export function generatorTally(phases: readonly PhaseWindow[]): GeneratorTally {
  const judged = phases.filter(({ discard }) => !discard);
  const byPhase = new Map<string, PhaseWorkers>(
    judged.map(({ name }) => [name, { lateness: mergedDurations(), workers: new Map() }]),
  );
  const eventLoopDelay = mergedDurations();
  const lateness = () => {
    const sum = mergedDurations();
    for (const phase of byPhase.values()) sum.add(phase.lateness.encoded());
    return sum;
  };
  return {
    add(line) {
      for (const cell of line.calls) byPhase.get(cell.phase)?.lateness.add(cell.lateness);
      const now = phaseAt(judged, (line.fromNs + line.toNs) / 2);
      const phase = now === undefined ? undefined : byPhase.get(now.name);
      if (phase === undefined) return;
      eventLoopDelay.add(line.generator.eventLoopDelay);
      const worker = entry(phase.workers, String(line.worker), emptyWorkerTally);
      const ns = line.toNs - line.fromNs;
      addShare(worker.loopBusy, line.generator.loopBusyShare, ns);
      if (line.generator.cpuShare !== undefined) addShare(worker.cpu, line.generator.cpuShare, ns);
    },
    summarise() {
      const measured = [...byPhase].map(([name, phase]) => measure(name, phase));
      const reasons = saturationReasons(measured);
      return {
        saturated: reasons.length > 0,
        reasons,
        ...withDefined({
          latenessUs: lateness().summarise(),
          eventLoopDelayUs: eventLoopDelay.summarise(),
          cpuShare: busiestShare(byPhase.values(), ({ cpu }) => cpu),
          loopBusyShare: busiestShare(byPhase.values(), ({ loopBusy }) => loopBusy),
        }),
      };
    },
    lateness,
    eventLoopDelay: () => eventLoopDelay,
  };
}

function emptyWorkerTally(): WorkerTally {
  return { loopBusy: { ns: 0, shareNs: 0 }, cpu: { ns: 0, shareNs: 0 } };
}

function addShare(sum: WeightedShare, share: number, ns: number): void {
  sum.ns += ns;
  sum.shareNs += share * ns;
}

/**
 * To four decimals: shares are sums of products, whose last digits depend on the order of adding.
 */
function meanShare({ ns, shareNs }: WeightedShare): number | undefined {
  return ns === 0 ? undefined : Math.round((shareNs / ns) * 1e4) / 1e4;
}

function measure(phase: string, { lateness, workers }: PhaseWorkers): PhaseGenerator {
  const shares = [...workers]
    .map(([worker, { loopBusy }]) => ({
      worker: Number(worker),
      loopBusyShare: meanShare(loopBusy) ?? 0,
    }))
    .sort((a, b) => b.loopBusyShare - a.loopBusyShare || a.worker - b.worker);
  return { phase, latenessUs: lateness.summarise(), busiest: shares[0] };
}

/** The highest share that any worker had over any phase. */
function busiestShare(
  phases: Iterable<PhaseWorkers>,
  pick: (worker: WorkerTally) => WeightedShare,
): number | undefined {
  const shares = [...phases]
    .flatMap(({ workers }) => [...workers.values()])
    .map((worker) => meanShare(pick(worker)))
    .filter((share) => share !== undefined);
  return shares.length === 0 ? undefined : Math.max(...shares);
}

/** The generator over all variants: saturated where one was, with the reasons under its name. */
export function summariseGenerators(
  variants: readonly { readonly name: string; readonly tally: GeneratorTally }[],
): GeneratorSummary {
  const summaries = variants.map(({ name, tally }) => ({ name, summary: tally.summarise() }));
  const lateness = mergedDurations();
  const delay = mergedDurations();
  for (const { tally } of variants) {
    lateness.add(tally.lateness().encoded());
    delay.add(tally.eventLoopDelay().encoded());
  }
  const highest = (pick: (summary: GeneratorSummary) => number | undefined) => {
    const values = summaries
      .map(({ summary }) => pick(summary))
      .filter((value) => value !== undefined);
    return values.length === 0 ? undefined : Math.max(...values);
  };
  const reasons = summaries.flatMap(({ name, summary }) =>
    summary.reasons.map((reason) => (variants.length === 1 ? reason : `${name}: ${reason}`)),
  );
  return {
    saturated: reasons.length > 0,
    reasons,
    ...withDefined({
      latenessUs: lateness.summarise(),
      eventLoopDelayUs: delay.summarise(),
      cpuShare: highest(({ cpuShare }) => cpuShare),
      loopBusyShare: highest(({ loopBusyShare }) => loopBusyShare),
    }),
  };
}
