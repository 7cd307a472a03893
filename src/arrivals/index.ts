/** The catalogue of arrivals. */
import { type Catalogue, chosenFrom } from '../base/catalogue.js';
import type { ArrivalKind } from './arrival.js';
import { closed } from './closed.js';
import { constant } from './constant.js';
import { poisson } from './poisson.js';

export const arrivals = { constant, poisson, closed } satisfies Catalogue<ArrivalKind>;

/** `{ poisson: 400/s }` and its like. */
export const arrivalSchema = chosenFrom('an arrival', arrivals);

/** Arrivals that do not wait for replies: what messages on a stream can follow. */
export const openArrivalSchema = chosenFrom('an open-loop arrival', { constant, poisson });
