/** For faults that act in one direction or in both, and whose undoing is that of each. */
import type { Direction } from './call-effect.js';
import { directionsOf } from './fault.js';

/**
 * Acts in the directions that a word means.
 * @returns undoes it in all of them.
 */
export function actIn(
  word: Parameters<typeof directionsOf>[0],
  act: (direction: Direction) => () => void,
): () => void {
  const undos = directionsOf(word).map(act);
  return () => {
    for (const undo of undos) undo();
  };
}
