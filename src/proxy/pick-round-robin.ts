/** `round_robin`: one backend after the other, those left out that cannot be reached. */
import type { Candidate, Pick } from './pick.js';

export const pickRoundRobin: Pick = (candidates, turn) => {
  let left = candidates.length;
  for (const { isOut } of candidates) if (isOut) left--;
  if (left === 0) return -1;
  // The nth of those that are left: to skip ahead would give a dead backend's share to its neighbour.
  let nth = turn % left;
  return candidates.findIndex(({ isOut }: Candidate) => !isOut && nth-- === 0);
};
