/** Everything comes later, by a drawn time, in order: octets, ends and closes alike. */
import type { Rng } from '../../base/rng.js';
import { DelayedPieces } from './delayed-pieces.js';
import type { Stage, StageClock, StagePort } from './lane.js';

export interface Latency {
  readonly delayNs: number;
  /** A delay is drawn evenly from `delayNs` ± this; at most `delayNs`. */
  readonly jitterNs: number;
}

export function latencyStage(
  { delayNs, jitterNs }: Latency,
  port: StagePort,
  clock: StageClock,
  random: Rng,
): Stage {
  const delayed = new DelayedPieces(clock, port.pass);
  return {
    take(piece) {
      const drawnNs = jitterNs === 0 ? 0 : (2 * random() - 1) * jitterNs;
      delayed.add(piece, clock.now() + delayNs + drawnNs);
    },
    release: () => delayed.release(),
  };
}
