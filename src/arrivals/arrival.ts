/**
 * What an arrival is: the rule that says when the next call is due.
 *
 * **Open loop**: due times follow from the seed alone and never wait for replies, as real users do
 * not. **Closed loop**: so many calls are always open, and the next is due when one ends.
 */

import type { z } from 'zod';
import type { CatalogueEntry } from '../base/catalogue.js';
import type { Rng } from '../base/rng.js';

/**
 * The next due time in ns from the start of the schedule; never smaller than the one before. Infinity
 * when there is none any more, and from then on.
 */
export type NextDueNs = () => number;

export interface OpenArrivalKind<Options> extends CatalogueEntry {
  readonly loop: 'open';
  readonly schema: z.ZodType<Options>;
  /** Its highest rate, in calls per second: what pacing is chosen by. */
  peakRatePerSecond(options: Options): number;
  /** A schedule from time zero on. Fractions of a nanosecond are allowed. */
  dueTimes(options: Options, rng: Rng): NextDueNs;
}

export interface ClosedArrivalKind<Options> extends CatalogueEntry {
  readonly loop: 'closed';
  readonly schema: z.ZodType<Options>;
  /** How many calls are kept open, over all workers. */
  inFlight(options: Options): number;
}

// biome-ignore lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type AnyOpenArrivalKind = OpenArrivalKind<any>;
// biome-ignore lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type ArrivalKind = AnyOpenArrivalKind | ClosedArrivalKind<any>;

export const defineOpenArrival = <Options>(kind: OpenArrivalKind<Options>) => kind;
export const defineClosedArrival = <Options>(kind: ClosedArrivalKind<Options>) => kind;
