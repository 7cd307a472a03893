/** `tcp-slice`: octets come in small pieces, at the wrong places and with pauses. */
import { z } from 'zod';
import { duration, size } from '../base/units.js';
import { connectionFaultEnvelope, defineByteFault, direction } from './fault.js';

export const tcpSlice = defineByteFault({
  kind: 'tcp-slice',
  summary: 'Cuts what connections carry into small pieces, with pauses between them.',
  layers: ['proxy'],
  exercises: 'the reading of frames, headers and messages that come in pieces',
  correctClient: 'Puts everything together again: calls end as without the fault, only later.',
  acts: 'bytes',
  schema: z
    .strictObject({
      ...connectionFaultEnvelope,
      /** Of a piece, on average. */
      size: size().refine((bytes) => !(bytes < 1), { message: 'a piece is at least 1B' }),
      /** A size is drawn evenly from `size` ± this. */
      variation: size().default(0),
      /** From one piece to the next, at least. */
      gap: duration().default(0),
      direction: direction().default('both'),
    })
    .refine(({ size: bytes, variation }) => !(variation >= bytes), {
      message: 'a variation is below the size: every piece has an octet',
      path: ['variation'],
    }),
  effect: ({ size: bytes, variation, gap, direction }) => ({
    effect: 'slice',
    directions: direction,
    bytes,
    variationBytes: variation,
    gapNs: gap,
  }),
});
