/** Nothing passes. What came meanwhile passes at the end, or is lost. */
import type { Stage, StagePort } from './lane.js';
import { PieceQueue } from './piece-queue.js';

/**
 * @param drops octets are lost; ends and closes are known at the end all the same, or sockets would be
 *   left behind.
 * @param onLost told at the end when octets were lost: what would follow them makes no sense any more.
 */
export function blackholeStage(drops: boolean, port: StagePort, onLost: () => void): Stage {
  const queue = new PieceQueue();
  let isLossy = false;
  return {
    take(piece) {
      if (drops && piece.kind === 'octets') {
        isLossy = true;
        port.drop(piece);
      } else queue.add(piece);
    },
    release() {
      if (isLossy) onLost();
      queue.empty(port.pass);
    },
  };
}
