/**
 * Little's law, L = λW, on every phase: the calls in flight as they were counted over time, beside what
 * the calls' own times add up to. It is an identity, so what does not agree is the generator's own error: an
 * end that was lost or counted twice, a clock read at the wrong moment, a line of the record that is
 * missing.
 */
import { formatRatio, formatShare } from '../metrics/figures.js';
import type { LittleSummary, PhaseSummary } from '../metrics/summary.js';
import { type CallTally, mergeOf } from './call-tally.js';

/** Means of histograms are off by up to 0.05 %; ten times as much and more is no rounding. */
const DISAGREEMENT_MAX = 0.005;
/** What a call's time may be off by, in µs: the summary's own rounding. */
const ROUNDING_US = 0.1;

/**
 * @param tallies of the phase's loads; long-lived ones have no times and are in neither figure.
 * @returns undefined where nobody counted, as in older records, or calls were cut off by us: they are
 * counted as open, and have no time.
 */
export function littleOf(
  tallies: readonly CallTally[],
  seconds: number,
): LittleSummary | undefined {
  const timed = tallies.filter(({ openNs }) => openNs !== undefined);
  const times = mergeOf(timed, ({ serviceTime }) => serviceTime).summarise();
  if (times === undefined || seconds <= 0) return undefined;
  const isCut = ({ counts }: CallTally) => counts.abandoned + (counts.cancelledOnPurpose ?? 0) > 0;
  if (timed.some(isCut)) return undefined;
  const openNs = timed.reduce((sum, tally) => sum + (tally.openNs ?? 0), 0);
  return {
    inFlightMean: openNs / 1e9 / seconds,
    rateTimesTime: (times.count * times.mean) / 1e6 / seconds,
    roundingMax: (times.count * ROUNDING_US) / 1e6 / seconds,
  };
}

/** A sentence for each phase in which the law does not hold. */
export function contradictionsOf(phases: readonly PhaseSummary[]): string[] {
  return phases.flatMap(({ name, littlesLaw }) => {
    if (littlesLaw === undefined || agrees(littlesLaw)) return [];
    const { inFlightMean, rateTimesTime } = littlesLaw;
    return [
      `in ${name}, ${formatRatio(inFlightMean)} calls were open on average, but their rate times ` +
        `their mean time is ${formatRatio(rateTimesTime)}; by Little's law they are the same, ` +
        `within ${formatShare(DISAGREEMENT_MAX)}`,
    ];
  });
}

function agrees({ inFlightMean, rateTimesTime, roundingMax }: LittleSummary): boolean {
  const difference = Math.abs(inFlightMean - rateTimesTime);
  return difference <= DISAGREEMENT_MAX * rateTimesTime + roundingMax;
}
