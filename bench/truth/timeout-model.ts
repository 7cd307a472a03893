/**
 * Calls that are tried again when a reply is late, over a queue that serves what nobody waits for any
 * more: comes in a load, goes out what became of each call. It is the model of a metastable service
 * (Bronson et al., HotOS 2021): the work is multiplied by lateness, and lateness by the work.
 *
 *   due ──► attempt ──► line ──► service ──► in time: the call is good
 *              ▲ no reply within `timeoutNs`      │ late: served all the same
 *              └── the next one, `attempts` in all ┘
 *
 * A trigger is a stretch in which nothing is served.
 */
import { createMinHeap } from '../../src/base/min-heap.js';
import { type DrawnLoad, drawCalls, drawnServiceNs } from './drawn-calls.js';

export interface TimeoutShape {
  readonly slots: number;
  readonly timeoutNs: number;
  /** Of each call, the first one with the others. */
  readonly attempts: number;
  /** From an attempt's timeout to the next attempt. */
  readonly backoffNs: number;
  /** When nothing is served; services that are under way go on after it. Absent: always served. */
  readonly pause?: { readonly fromNs: number; readonly toNs: number };
}

/** Of each call, in the order in which they are due. */
export interface TimedOutCalls {
  readonly dueNs: Float64Array;
  readonly attempts: Uint8Array;
  /** 1 where an attempt was answered in time. */
  readonly good: Uint8Array;
}

interface Attempt {
  readonly atNs: number;
  readonly ordinal: number;
  readonly previous: number;
}

export function playTimeouts(load: DrawnLoad, shape: TimeoutShape): TimedOutCalls {
  const { slots, timeoutNs, attempts: most, backoffNs, pause } = shape;
  const { dueNs } = drawCalls(load);
  const attempts = new Uint8Array(dueNs.length);
  const good = new Uint8Array(dueNs.length);
  const waiting = createMinHeap<Attempt>((a, b) => a.atNs < b.atNs);
  dueNs.forEach((atNs, ordinal) => {
    waiting.push({ atNs, ordinal, previous: 0 });
  });
  // Ascending; as in queue-model.ts.
  const freeNs = new Array<number>(slots).fill(0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { atNs, ordinal, previous } = next;
    attempts[ordinal] = previous + 1;
    const serviceNs = drawnServiceNs(load, ordinal, previous);
    const endNs = endOf(Math.max(freeNs[0] ?? 0, atNs), serviceNs, pause);
    freeNs[0] = endNs;
    freeNs.sort((a, b) => a - b);
    if (endNs - atNs <= timeoutNs) good[ordinal] = 1;
    else if (previous + 1 < most) {
      waiting.push({ atNs: atNs + timeoutNs + backoffNs, ordinal, previous: previous + 1 });
    }
  }
  return { dueNs, attempts, good };
}

/** When a service ends that could begin at a moment, its time in the pause left out. */
function endOf(startNs: number, serviceNs: number, pause: TimeoutShape['pause']): number {
  if (pause === undefined || startNs >= pause.toNs || startNs + serviceNs <= pause.fromNs) {
    return startNs + serviceNs;
  }
  const pausedNs = pause.toNs - Math.max(startNs, pause.fromNs);
  return startNs + serviceNs + pausedNs;
}
