/**
 * A run of the product as a user makes one: a scenario, its plan, targets and workers, the record, the
 * analysis. What comes out is the summary that a report is made of, so that what is held against
 * arithmetic are the figures that users read.
 */
import { createAnalysis } from '../../src/analysis/analysis.js';
import type { ClientSpec } from '../../src/drivers/spec.js';
import type { LoadLine, RecordLine, TargetLine } from '../../src/metrics/record.js';
import type { BackendPoint, PhaseSummary } from '../../src/metrics/summary.js';
import { runPlan } from '../../src/run/run-plan.js';
import { loadScenario } from '../../src/scenarios/load-scenario.js';
import type { VariantPlan } from '../../src/scenarios/plan.js';

/** A scenario of one load, `say`, and a discarded phase before the measured one. */
export interface ProductRun {
  readonly driver: ClientSpec['driver'];
  readonly seed: number;
  /** Length of the measured phase. */
  readonly seconds: number;
  /** As in a scenario file. */
  readonly arrivals: object;
  readonly targets: object;
  /** What the targets call in turn. */
  readonly tiers?: object;
  readonly client?: object;
  readonly load?: object;
  readonly faults?: readonly object[];
  /** Those of the discarded phase, where they are others. */
  readonly warmUpFaults?: readonly object[];
  readonly intervalMs?: number;
  /** Length of the discarded phase; `WARM_UP_SECONDS` unless told. */
  readonly warmUpSeconds?: number;
  /** Called once, when the load clock is set and about to pass zero. */
  onBegin?(): void;
}

export interface Measured {
  /** The measured phase. */
  readonly phase: PhaseSummary;
  readonly backendSeries: readonly BackendPoint[];
  readonly plan: VariantPlan;
  readonly loadLines: readonly LoadLine[];
  readonly targetLines: readonly TargetLine[];
  /**
   * How much longer than true a mean latency may be, in ms: what sends and replies are late by. The run
   * says itself how late its sends were, on this machine at this time; a stall of the machine hits
   * replies and ends of services as it hits sends.
   */
  readonly lateMs: number;
  /** Why its timing does not count, where the run says so. */
  readonly invalid: string | undefined;
}

/** The way there and back, wake-ups of processes that had nothing to do, a server's timer. */
const WAY_MS = 2.5;

/** Before it, connections are made and code is compiled; a queue is in its steady state after it. */
export const WARM_UP_SECONDS = 1;

/** Runs it. @throws Error when the run does not come to its end. */
export async function runProduct(run: ProductRun): Promise<Measured> {
  const plan = loadScenario('truth.yaml', JSON.stringify(scenarioOf(run)));
  const [variant] = plan.variants;
  if (variant === undefined) throw new Error('a plan has at least one variant');
  const analysis = createAnalysis(plan);
  const lines: RecordLine[] = [];
  await runPlan(plan, {
    id: 'truth',
    startedAt: new Date(),
    version: 'bench',
    interrupted: new AbortController().signal,
    sink: {
      write(line) {
        lines.push(line);
        analysis.add(line);
        if (line.type === 'variant') run.onBegin?.();
      },
    },
  });
  const [found] = analysis.findings().variants;
  const phase = found?.phases.at(-1);
  if (found === undefined || phase === undefined || !found.complete) {
    throw new Error(`the run did not come to its end: ${found?.reason}`);
  }
  const { saturated, reasons, latenessUs } = found.generator;
  return {
    phase,
    backendSeries: found.backendSeries ?? [],
    plan: variant,
    loadLines: lines.filter((line) => line.type === 'load'),
    targetLines: lines.filter((line) => line.type === 'target'),
    lateMs: WAY_MS + 2 * ((latenessUs?.mean ?? 0) / 1e3),
    invalid: saturated ? reasons.join('; ') : undefined,
  };
}

function scenarioOf(run: ProductRun): object {
  const { driver, seed, seconds, arrivals, targets, tiers, client, load, faults = [] } = run;
  const { warmUpFaults = faults, warmUpSeconds = WARM_UP_SECONDS } = run;
  return {
    name: 'truth',
    summary: 'A run whose figures are known from theory.',
    seed,
    // One worker sends in the order in which calls are due, as the model has it.
    workers: 1,
    interval: `${run.intervalMs ?? 500}ms`,
    targets,
    ...(tiers === undefined ? {} : { tiers }),
    client: { driver, ...client },
    pacing: 'relaxed',
    load: [{ name: 'say', call: 'unary', maxInFlight: 100_000, arrivals, ...load }],
    phases: [
      { name: 'warm-up', for: `${warmUpSeconds}s`, discard: true, faults: warmUpFaults },
      { name: 'steady', for: `${seconds}s`, faults },
    ],
  };
}
