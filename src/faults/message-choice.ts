/** `message:` or `each:` of faults that act on messages of a stream. */
import { z } from 'zod';
import { share } from '../base/units.js';
import type { MessageChoice } from './call-effect.js';

export const messageChoice = {
  /** The one message that it acts on, counted from 1 on each stream; the first unless told. */
  message: z.int().min(1).max(1_000_000).optional(),
  /** Instead of one message: the chance of each. */
  each: share().optional(),
};

interface Written {
  readonly message?: number | undefined;
  readonly each?: number | undefined;
}

/** A mistake of both being given, for a schema's `refine`. */
export const isOneChoice = ({ message, each }: Written) =>
  message === undefined || each === undefined;

export const ONE_CHOICE = {
  message: 'message and each exclude each other: one message, or a chance of each',
  path: ['each'],
};

/** @param unit what the chances of the call follow from. */
export function choiceOf({ message = 1, each }: Written, unit: number): MessageChoice {
  return each === undefined ? { nth: message } : { share: each, draw: unit };
}
