/**
 * One schedule, dealt out to several workers.
 *
 * Every worker walks the whole schedule and takes each `workers`-th call, so that the calls offered
 * are the same whatever the number of workers, down to their numbers and due times.
 */
import { createRng } from '../base/rng.js';
import type { NextDueNs, OpenArrivalKind } from './arrival.js';

/** A call of the schedule: its number and when it is due, in ns on the load clock. */
export interface DueCall {
  readonly ordinal: number;
  readonly dueNs: number;
}

/** A load's whole schedule under a seed. The load's name keeps two loads independent. */
export function scheduleOf<Options>(
  kind: OpenArrivalKind<Options>,
  options: Options,
  seed: number,
  load: string,
): NextDueNs {
  return kind.dueTimes(options, createRng(seed, `arrivals/${load}`));
}

/** The calls of a schedule that are `worker`'s, in order, up to and without `endNs`. */
export function* shardOf(
  nextDueNs: NextDueNs,
  worker: number,
  workers: number,
  endNs: number,
): Generator<DueCall, void> {
  for (let ordinal = 0; ; ordinal++) {
    const dueNs = nextDueNs();
    if (dueNs >= endNs) return;
    if (ordinal % workers === worker) yield { ordinal, dueNs };
  }
}
