/** `least_request`: the backend with the fewest calls under way, of equals one after the other. */
import type { Candidate, Pick } from './pick.js';

export const pickLeastRequest: Pick = (candidates, turn) => {
  const count = candidates.length;
  const first = turn % count;
  let best = -1;
  let fewest = Number.POSITIVE_INFINITY;
  for (let step = 0; step < count; step++) {
    const index = (first + step) % count;
    const { isOut, activeCalls } = candidates[index] as Candidate;
    if (isOut || activeCalls >= fewest) continue;
    best = index;
    fewest = activeCalls;
  }
  return best;
};
