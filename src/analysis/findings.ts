/**
 * Findings: what a record says, judged check by check. Gates and reports are made of it.
 *
 * All of it but the distributions goes into `summary.json`.
 */
import type { EncodedHistogram } from '../metrics/histogram.js';
import type { GeneratorSummary, RunSummary, VariantSummary } from '../metrics/summary.js';

export interface Findings {
  readonly run: RunSummary;
  /** In the plan's order, also those that did not run. */
  readonly variants: readonly VariantSummary[];
  /** The generator over all variants. */
  readonly generator: GeneratorSummary;
  /**
   * The distributions behind the summaries, one per variant, phase and load, so that a gate over
   * several phases has its percentile from the merged histogram. Percentiles do not add up.
   */
  readonly distributions: readonly CellDistribution[];
}

/** How long the calls of one load that were due in one phase took. */
export interface CellDistribution {
  readonly variant: string;
  readonly phase: string;
  readonly load: string;
  /** Absent when no call of it ended. */
  readonly latency?: EncodedHistogram;
  readonly serviceTime?: EncodedHistogram;
}
