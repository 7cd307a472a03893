/** So many octets pass, then the connection is closed. */
import type { Stage, StagePort } from './lane.js';
import { cutOctets, type Piece } from './piece.js';

/** @param close called once, when the octets are through; what comes after them is thrown away. */
export function closeAfterStage(bytesMax: number, port: StagePort, close: () => void): Stage {
  let bytesLeft = bytesMax;
  let isClosed = false;
  const take = (piece: Piece): void => {
    if (piece.kind !== 'octets') port.pass(piece);
    else if (isClosed) port.drop(piece);
    else if (piece.bytes.length > bytesLeft && bytesLeft > 0) {
      for (const part of cutOctets(piece, bytesLeft)) take(part);
    } else {
      const fits = piece.bytes.length <= bytesLeft;
      bytesLeft -= piece.bytes.length;
      if (fits) port.pass(piece);
      else port.drop(piece);
      if (bytesLeft > 0) return;
      isClosed = true;
      close();
    }
  };
  return { take, release() {} };
}
