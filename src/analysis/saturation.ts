/**
 * When the generator, and not the service, was what limited the load.
 *
 * Judged per phase, since a phase of an overloaded generator is not made good by a quiet one, and
 * without the discarded phases, in which compilers and connections warm up.
 */
import { formatShare, formatUs } from '../metrics/figures.js';
import type { DurationSummary } from '../metrics/histogram.js';

/**
 * Highest 99th percentile of the time between a call's due time and its send, in µs. Node's timers
 * and a busy loop cost a few ms; 20 ms is as long as many of the latencies that are measured.
 */
export const LATENESS_P99_US_MAX = 20_000;

/** Highest share of a phase in which a worker's event loop may be busy; beyond it, queues form. */
export const LOOP_BUSY_SHARE_MAX = 0.9;

/** The generator in one phase. */
export interface PhaseGenerator {
  readonly phase: string;
  readonly latenessUs: DurationSummary | undefined;
  /** The worker whose loop was busiest. */
  readonly busiest: { readonly worker: number; readonly loopBusyShare: number } | undefined;
}

/** Why the generator was saturated, a sentence each; none when it was not. */
export function saturationReasons(phases: readonly PhaseGenerator[]): string[] {
  return phases.flatMap(({ phase, latenessUs, busiest }) => {
    const reasons: string[] = [];
    if (latenessUs !== undefined && latenessUs.p99 > LATENESS_P99_US_MAX) {
      reasons.push(
        `in ${phase}, 1 % of calls were sent ${formatUs(latenessUs.p99)} late or later; ` +
          `up to ${formatUs(LATENESS_P99_US_MAX)} can be trusted`,
      );
    }
    if (busiest !== undefined && busiest.loopBusyShare > LOOP_BUSY_SHARE_MAX) {
      reasons.push(
        `in ${phase}, the event loop of worker ${busiest.worker} was busy for ` +
          `${formatShare(busiest.loopBusyShare)} of the time; ` +
          `up to ${formatShare(LOOP_BUSY_SHARE_MAX)} can be trusted`,
      );
    }
    return reasons;
  });
}
