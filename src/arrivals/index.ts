/** The catalogue of arrivals. */
import { type Catalogue, chosenFrom } from '../base/catalogue.js';
import type { AnyOpenArrivalKind, ArrivalKind } from './arrival.js';
import { burst } from './burst.js';
import { closed } from './closed.js';
import { constant } from './constant.js';
import { poisson } from './poisson.js';
import { ramp } from './ramp.js';
import { replay } from './replay.js';
import { step } from './step.js';

/** Arrivals that do not wait for replies: what messages on a stream can follow. */
export const openArrivals = {
  constant,
  poisson,
  ramp,
  step,
  burst,
  replay,
} satisfies Catalogue<AnyOpenArrivalKind>;

export const arrivals = { ...openArrivals, closed } satisfies Catalogue<ArrivalKind>;

/** `{ poisson: 400/s }` and its like. */
export const arrivalSchema = chosenFrom('an arrival', arrivals);

/** The same without `closed`. */
export const openArrivalSchema = chosenFrom('an open-loop arrival', openArrivals);
