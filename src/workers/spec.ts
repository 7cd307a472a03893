/**
 * The `load:` part of a plan: what a worker is told to do.
 */

/** A stretch of the load clock with a name. */
export interface PhaseWindow {
  readonly name: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** Warm-up: measured, and left out of what is judged unless it is named. */
  readonly discard: boolean;
}

/** One source of load. */
export interface LoadSpec {
  /** Unique in its variant. */
  readonly name: string;
  /** A kind of call, and its own options. */
  readonly call: { readonly kind: string; readonly options: Readonly<Record<string, unknown>> };
  /** A kind of arrival, and its own options. */
  readonly arrivals: { readonly kind: string; readonly options: unknown };
  /** Most calls open at once over all workers; a call due beyond it is missed. */
  readonly inFlightMax: number;
  /** Deadline of this load's calls, from send; absent: none. */
  readonly deadlineNs?: number;
}
