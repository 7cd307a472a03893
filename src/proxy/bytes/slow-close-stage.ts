/** Ends and closes come later; octets do not. */
import { DelayedPieces } from './delayed-pieces.js';
import type { Stage, StageClock, StagePort } from './lane.js';

export function slowCloseStage(delayNs: number, port: StagePort, clock: StageClock): Stage {
  const delayed = new DelayedPieces(clock, port.pass);
  return {
    take(piece) {
      // Behind an end that waits, no octets come.
      if (piece.kind === 'octets') port.pass(piece);
      else delayed.add(piece, clock.now() + delayNs);
    },
    release: () => delayed.release(),
  };
}
