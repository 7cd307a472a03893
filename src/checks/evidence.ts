/**
 * What a check may ask for beyond its own variant's findings: those of other variants, and whole
 * distributions where a summary's percentiles are not enough. Judged when all variants have run.
 */
import type { EncodedHistogram } from '../metrics/histogram.js';
import type { VariantFindings } from './check.js';

/** Durations that are recorded one by one. */
export type DurationMetric =
  /** Of calls, from due time to end, and from send to end. */
  | 'latency'
  | 'serviceTime'
  /** Of calls that ended after their deadline: by how much. */
  | 'overshoot'
  /** Of messages on streams; all loads together. */
  | 'messageLatency';

export interface DurationsWanted {
  readonly variant: string;
  readonly phase: string;
  readonly metric: DurationMetric;
  /** All loads when absent. */
  readonly load?: string | undefined;
}

export interface Evidence {
  /** Undefined where the variant is no part of the run (`--variant` left it out). */
  variant(name: string): VariantFindings | undefined;
  /** Undefined where nothing was recorded. */
  durations(wanted: DurationsWanted): EncodedHistogram | undefined;
  /**
   * Attempts that reached a backend while it told of itself that it was not serving: how long it had
   * said so by then. By backend and, of those that it says, the name asked for.
   */
  unhealthyArrivals(wanted: {
    readonly variant: string;
    readonly phase: string;
    readonly service: string;
  }): readonly { readonly backend: string; readonly sinceTold: EncodedHistogram }[];
}
