/**
 * `proc-loop-block`: the backend's event loop stands still for a while, once or again and again, as
 * when somebody calls something synchronous in it. The processor is left to others meanwhile.
 */
import { z } from 'zod';
import { positiveDuration } from '../base/units.js';
import { defineHostFault, type FaultHost, faultEnvelope } from './fault.js';

interface Block {
  /** ns */
  readonly block: number;
  /** ns */
  readonly every?: number | undefined;
}

export const procLoopBlock = defineHostFault({
  kind: 'proc-loop-block',
  summary: "Keeps the backend's event loop from turning for a while, once or again and again.",
  layers: ['process'],
  exercises: 'deadlines and hedging, outlier detection, balancers that look at load',
  correctClient: 'Keeps its deadlines, and moves load away while calls are slow.',
  acts: 'host',
  schema: z
    .strictObject({
      ...faultEnvelope,
      /** How long it stands still. */
      block: positiveDuration(),
      /** From the beginning of one block to the next; once when absent. */
      every: positiveDuration().optional(),
    })
    .refine(({ block, every }) => every === undefined || every > block, {
      message: 'every must be above block, or the loop never turns',
      path: ['every'],
    }),
  takes: ({ block, every }) => (every === undefined ? 0 : block / every),
  start: startBlocks,
});

function startBlocks({ block, every }: Block, host: FaultHost): () => void {
  let cancel = () => {};
  const stand = () => {
    if (every !== undefined) cancel = host.after(every, stand);
    host.blockLoop(block);
  };
  stand();
  return () => cancel();
}
