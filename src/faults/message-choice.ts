/** Options of faults that act on messages of a stream: which of them, and on which way. */
import { z } from 'zod';
import { share } from '../base/units.js';
import type { MessageChoice } from './call-effect.js';
import { callFaultEnvelope, direction } from './fault.js';

const written = z.strictObject({
  ...callFaultEnvelope,
  /** The one message that it acts on, counted from 1 on each stream; the first unless told. */
  message: z.int().min(1).max(1_000_000).optional(),
  /** Instead of one message: the chance of each. */
  each: share().optional(),
  direction: direction().exclude(['both']).default('down'),
});

type Written = z.output<typeof written>;

export const messageOptions = written.refine(
  ({ message, each }) => message === undefined || each === undefined,
  {
    message: 'message and each exclude each other: one message, or a chance of each',
    path: ['each'],
  },
);

/** @param unit what the chances of the call follow from. */
export function choiceOf(
  { message = 1, each }: Pick<Written, 'message' | 'each'>,
  unit: number,
): MessageChoice {
  return each === undefined ? { nth: message } : { share: each, draw: unit };
}
