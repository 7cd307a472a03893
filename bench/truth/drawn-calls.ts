/**
 * The calls that a plan offers, without a run: when each is due and how much service it asks for. Both
 * follow from the seed by the product's own functions, so a model fed with them walks the very path
 * that a run of the plan walks.
 */
import type { AnyOpenArrivalKind } from '../../src/arrivals/arrival.js';
import { openArrivals } from '../../src/arrivals/index.js';
import { scheduleOf } from '../../src/arrivals/shard.js';
import { entryOf } from '../../src/base/catalogue.js';
import type { Distribution } from '../../src/base/distribution.js';
import { SAY_METHOD } from '../../src/calls/chat-codec.js';
import { serviceTimeNs } from '../../src/targets/service-time.js';

/** An open-loop load of unary calls on backends whose service takes a drawn time. */
export interface DrawnLoad {
  readonly seed: number;
  /** The load's name: schedules of different names are independent. */
  readonly name: string;
  /** An arrival of the catalogue and its options, as they stand in a plan. */
  readonly arrivals: { readonly kind: string; readonly options: unknown };
  readonly serviceTime: Distribution;
  readonly durationNs: number;
}

/** In the order in which they are due; a call's index is its ordinal. */
export interface DrawnCalls {
  readonly dueNs: Float64Array;
  readonly serviceNs: Float64Array;
}

/** Every call that is due before the load's end. */
export function drawCalls(load: DrawnLoad): DrawnCalls {
  const kind = entryOf<AnyOpenArrivalKind>(openArrivals, load.arrivals.kind);
  const nextDueNs = scheduleOf(kind, load.arrivals.options, load.seed, load.name);
  const due: number[] = [];
  for (let dueNs = nextDueNs(); dueNs < load.durationNs; dueNs = nextDueNs()) due.push(dueNs);
  return {
    dueNs: Float64Array.from(due),
    serviceNs: Float64Array.from(due, (_, ordinal) => drawnServiceNs(load, ordinal)),
  };
}

/** The service time of a call's attempt: retries and hedges draw anew. */
export function drawnServiceNs(
  { seed, serviceTime }: Pick<DrawnLoad, 'seed' | 'serviceTime'>,
  ordinal: number,
  previousAttempts = 0,
): number {
  return serviceTimeNs(serviceTime, seed, { ordinal, previousAttempts, method: SAY_METHOD });
}
