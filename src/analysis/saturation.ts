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
 *
 * Of fewer than 1,000 calls the 99th percentile is a matter of a few, which one pause of the machine
 * can make; then a lower one is asked, so that about ten calls at least were late.
 * A phase of a few dozens is late when half of its calls are: one pause of the machine is longer than it.
 */
export const LATENESS_P99_US_MAX = 20_000;

interface Tail {
  readonly share: string;
  readonly us: number;
}

/** The highest percentile that about ten calls lie above, but the median at least. */
function tailOf({ count, p50, p90, p95, p99 }: DurationSummary): Tail {
  if (count < 40) return { share: '50 %', us: p50 };
  if (count >= 1000) return { share: '1 %', us: p99 };
  return count >= 200 ? { share: '5 %', us: p95 } : { share: '10 %', us: p90 };
}

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
    const tail = latenessUs && tailOf(latenessUs);
    if (tail !== undefined && tail.us > LATENESS_P99_US_MAX) {
      reasons.push(
        `in ${phase}, ${tail.share} of calls were sent ${formatUs(tail.us)} late or later ` +
          `(the limit is ${formatUs(LATENESS_P99_US_MAX)})`,
      );
    }
    if (busiest !== undefined && busiest.loopBusyShare > LOOP_BUSY_SHARE_MAX) {
      reasons.push(
        `in ${phase}, the event loop of worker ${busiest.worker} was busy for ` +
          `${formatShare(busiest.loopBusyShare)} of the time ` +
          `(the limit is ${formatShare(LOOP_BUSY_SHARE_MAX)})`,
      );
    }
    return reasons;
  });
}
