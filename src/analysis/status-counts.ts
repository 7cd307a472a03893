/** Adding up counts by status name. */
import { STATUS_NAMES, type StatusCounts } from '../base/status.js';

/** The sum of counts, in the order of the codes' numbers, without zeros. */
export function sumStatusCounts(all: Iterable<StatusCounts>): StatusCounts {
  const sums = new Map<string, number>();
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) {
      sums.set(name, (sums.get(name) ?? 0) + count);
    }
  }
  // One order for the same counts, however they arrived: equal findings are equal text.
  return Object.fromEntries(
    STATUS_NAMES.filter((name) => (sums.get(name) ?? 0) > 0).map((name) => [name, sums.get(name)]),
  );
}
