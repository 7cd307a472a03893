/** What several faults may ask of one connection at once. */
import type { Direction } from '../faults/call-effect.js';

/** Several faults may want the same; it is so until the last of them is over. */
export function raise(
  counts: Record<Direction, number>,
  direction: Direction,
  change: (isRaised: boolean) => void,
): () => void {
  counts[direction]++;
  if (counts[direction] === 1) change(true);
  return () => {
    counts[direction]--;
    if (counts[direction] === 0) change(false);
  };
}
