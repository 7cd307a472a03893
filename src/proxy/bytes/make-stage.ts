/** The stage that carries out an effect on one direction of a connection. */
import { unreachable } from '../../base/errors.js';
import type { Rng } from '../../base/rng.js';
import type { StreamEffect } from '../../faults/byte-effect.js';
import { bandwidthStage } from './bandwidth-stage.js';
import { blackholeStage } from './blackhole-stage.js';
import { closeAfterStage } from './close-after-stage.js';
import type { Stage, StageClock, StagePort } from './lane.js';
import { latencyStage } from './latency-stage.js';
import { sliceStage } from './slice-stage.js';
import { slowCloseStage } from './slow-close-stage.js';

/** What an effect on one direction may do to the connection as a whole. */
export interface StageOwner {
  /** Ends both directions after what is under way. */
  closeInOrder(): void;
  /** Lets neither direction carry octets any more. */
  deaden(): void;
}

/**
 * In which order effects act: a sender's octets are counted before anything is done to them, then leave
 * the sender in pieces, pass a slow link and a long one, and come to nothing last.
 */
export const STAGE_RANK: Readonly<Record<StreamEffect['effect'], number>> = {
  'close-after': 0,
  slice: 1,
  bandwidth: 2,
  latency: 3,
  'slow-close': 4,
  blackhole: 5,
};

export function makeStage(
  effect: StreamEffect,
  port: StagePort,
  clock: StageClock,
  random: Rng,
  owner: StageOwner,
): Stage {
  switch (effect.effect) {
    case 'latency':
      return latencyStage(effect, port, clock, random);
    case 'bandwidth':
      return bandwidthStage(effect.bytesPerSecond, port, clock);
    case 'slice':
      return sliceStage(effect, port, clock, random);
    case 'slow-close':
      return slowCloseStage(effect.delayNs, port, clock);
    case 'blackhole':
      return blackholeStage(effect.drops, port, () => owner.deaden());
    case 'close-after':
      return closeAfterStage(effect.bytes, port, () => owner.closeInOrder());
    default:
      return unreachable(effect);
  }
}
