/** Octets go on in pieces of drawn sizes, one in a time. */
import type { Rng } from '../../base/rng.js';
import type { Stage, StageClock, StagePort } from './lane.js';
import { PieceQueue } from './piece-queue.js';

export interface Slices {
  /** On average; at least 1. */
  readonly bytes: number;
  /** A size is drawn evenly from `bytes` ± this; below `bytes`. */
  readonly variationBytes: number;
  /** From one to the next, at least; 0: they are cut and not held. */
  readonly gapNs: number;
}

export function sliceStage(
  { bytes, variationBytes, gapNs }: Slices,
  port: StagePort,
  clock: StageClock,
  random: Rng,
): Stage {
  const queue = new PieceQueue();
  let nextNs = 0;
  let isWaiting = false;
  let cancel = () => {};
  const drawnBytes = () =>
    Math.max(1, bytes - variationBytes + Math.floor(random() * (2 * variationBytes + 1)));
  const passOn = () => {
    isWaiting = false;
    for (;;) {
      const { first } = queue;
      if (first === undefined) return;
      const isPaced = first.kind === 'octets' && gapNs > 0;
      if (isPaced && clock.now() < nextNs) {
        isWaiting = true;
        cancel = clock.callAt(nextNs, passOn);
        return;
      }
      if (isPaced) nextNs = clock.now() + gapNs;
      const piece = queue.take(drawnBytes());
      if (piece !== undefined) port.pass(piece);
    }
  };
  return {
    take(piece) {
      queue.add(piece);
      if (!isWaiting) passOn();
    },
    release() {
      cancel();
      queue.empty(port.pass);
    },
  };
}
