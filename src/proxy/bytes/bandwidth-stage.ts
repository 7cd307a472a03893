/**
 * Octets go on no faster than a rate: a bucket fills with it, and each octet takes its share out.
 *
 * The bucket holds 20 ms of the rate, so that a timer which comes late loses nothing, and is waited for
 * until it has half of that: a fast link moves more at a time than a slow one, and neither in a clump
 * that a reader would notice.
 */
import { NS_PER_SECOND } from '../../base/clock.js';
import type { Stage, StageClock, StagePort } from './lane.js';
import { PieceQueue } from './piece-queue.js';

const BUCKET_NS = 20e6;

export function bandwidthStage(bytesPerSecond: number, port: StagePort, clock: StageClock): Stage {
  const queue = new PieceQueue();
  const bytesPerNs = bytesPerSecond / NS_PER_SECOND;
  const bucketBytes = Math.max(1, bytesPerNs * BUCKET_NS);
  const stepBytes = Math.max(1, bucketBytes / 2);
  let bytes = bucketBytes;
  let filledNs = clock.now();
  let isWaiting = false;
  let cancel = () => {};
  const fill = () => {
    const nowNs = clock.now();
    bytes = Math.min(bucketBytes, bytes + (nowNs - filledNs) * bytesPerNs);
    filledNs = nowNs;
  };
  const passOn = () => {
    isWaiting = false;
    for (;;) {
      const { first } = queue;
      if (first === undefined) return;
      const wantedBytes = first.kind === 'octets' ? Math.min(first.bytes.length, stepBytes) : 0;
      fill();
      if (bytes < Math.floor(wantedBytes)) {
        isWaiting = true;
        // One ns more, so that rounding leaves nothing to wait for again.
        const waitNs = Math.ceil((Math.floor(wantedBytes) - bytes) / bytesPerNs) + 1;
        cancel = clock.callAt(clock.now() + waitNs, passOn);
        return;
      }
      const piece = queue.take(Math.max(1, Math.floor(bytes)));
      if (piece === undefined) return;
      if (piece.kind === 'octets') bytes -= piece.bytes.length;
      port.pass(piece);
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
