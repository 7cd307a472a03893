/** Whole distributions of a phase, as checks ask for them. */
import type { DurationsWanted } from '../checks/evidence.js';
import type { EncodedHistogram } from '../metrics/histogram.js';
import { mergeOf } from './call-tally.js';
import type { PhaseTally } from './phase-tally.js';

/** @returns undefined where nothing was recorded. */
export function durationsIn(
  phases: ReadonlyMap<string, PhaseTally>,
  { phase, metric, load }: Omit<DurationsWanted, 'variant'>,
): EncodedHistogram | undefined {
  const tally = phases.get(phase);
  if (tally === undefined) return undefined;
  if (metric === 'messageLatency') return tally.streams?.messageLatency.encoded();
  const tallies = [...tally.calls]
    .filter(([name]) => load === undefined || name === load)
    .map(([, calls]) => calls);
  return mergeOf(tallies, (calls) => calls[metric]).encoded();
}
