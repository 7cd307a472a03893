/**
 * The oracle for balancers: the sample path of n equal queues behind a client that picks by one of our
 * policies, call by call. The picks are drawn from the same sequence as those of a run, by the product's
 * own balancers; what they see of the queues is the model's.
 */
import type { Endpoint } from '../../src/balancers/balancer.js';
import { balancers } from '../../src/balancers/index.js';
import { createRng } from '../../src/base/rng.js';
import type { DrawnCalls } from './drawn-calls.js';

export type Picking = 'random' | 'p2c';

/** A backend of one slot, as its client sees it, and its queue. */
class ModelBackend implements Endpoint {
  readonly address: string;
  inFlight = 0;
  calls = 0;
  freeNs = 0;
  /** When calls on it end, in order. */
  readonly #endsNs: number[] = [];
  #next = 0;

  constructor(index: number) {
    this.address = `b${index}`;
  }

  /** Counts as in flight what has not ended by then. */
  look(nowNs: number): void {
    while ((this.#endsNs[this.#next] ?? Number.POSITIVE_INFINITY) <= nowNs) this.#next++;
    this.inFlight = this.#endsNs.length - this.#next;
  }

  /** @returns when it ends. */
  take(dueNs: number, serviceNs: number): number {
    this.freeNs = Math.max(this.freeNs, dueNs) + serviceNs;
    this.#endsNs.push(this.freeNs);
    this.calls++;
    return this.freeNs;
  }
}

/** The sequence that the first worker's balancer draws from (`workers/shard.ts`). */
const pickSequence = (seed: number) => createRng(seed, 'connections/0');

export interface BalancedPath {
  /** Waiting and service together, of each call, in ns. */
  readonly sojournNs: Float64Array;
  /** How many calls of a stretch each backend got. */
  callsOf(fromOrdinal: number): number[];
}

/** @param wayNs how much later than its end the client hears of a call's. */
export function balancedPath(
  { dueNs, serviceNs }: DrawnCalls,
  policy: Picking,
  { backends, seed, wayNs = 0 }: { backends: number; seed: number; wayNs?: number },
): BalancedPath {
  const all = Array.from({ length: backends }, (_, index) => new ModelBackend(index));
  const balancer = balancers[policy].create({}, { random: pickSequence(seed), now: () => 0 });
  const sees = balancers[policy].sees({}).length > 0;
  const picked = new Uint16Array(dueNs.length);
  const sojournNs = dueNs.map((due, ordinal) => {
    if (sees) for (const backend of all) backend.look(due - wayNs);
    const backend = balancer.pick({ ready: all, all });
    picked[ordinal] = all.indexOf(backend);
    return backend.take(due, serviceNs[ordinal] ?? 0) - due;
  });
  return {
    sojournNs,
    callsOf(fromOrdinal) {
      const counts = new Array<number>(backends).fill(0);
      for (const index of picked.subarray(fromOrdinal)) counts[index] = (counts[index] ?? 0) + 1;
      return counts;
    },
  };
}
