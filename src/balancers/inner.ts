/** The balancers that can pick for another: among the endpoints that it leaves them. */
import { z } from 'zod';
import { type Chosen, chosenFrom, entryOf } from '../base/catalogue.js';
import type { AnyBalancerKind, Balancer, BalancerContext, Sight } from './balancer.js';
import { leastRequest } from './least-request.js';
import { p2c } from './p2c.js';
import { peakEwma } from './peak-ewma.js';
import { random } from './random.js';

/** Those that look at endpoints one by one, whichever they are shown. */
const INNER = { random, least_request: leastRequest, p2c, peak_ewma: peakEwma };

export type Inner = Chosen<typeof INNER>;

/** How one is written: its name, or a map with it as the one key. `random` where nothing is. */
export const inner = (what: string) =>
  z
    .any()
    .transform((value: unknown) => (typeof value === 'string' ? { [value]: {} } : value))
    .pipe(chosenFrom(what, INNER))
    .default({ kind: 'random', options: {} });

export function innerSees({ kind, options }: Inner): readonly Sight[] {
  return entryOf<AnyBalancerKind>(INNER, kind).sees(options);
}

export function createInner({ kind, options }: Inner, context: BalancerContext): Balancer {
  return entryOf<AnyBalancerKind>(INNER, kind).create(options, context);
}
