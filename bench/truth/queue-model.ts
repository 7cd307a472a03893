/**
 * The oracle: the sample path of a first-come-first-served queue, call by call, from its arrivals and
 * service times. It shares no code with the servers' queue, whose timers and processes it stands for.
 *
 * The recursion is that of Kiefer and Wolfowitz (1955): a vector says when each slot is free; a call
 * takes the one that is free first, then or at its arrival. With one slot it is Lindley's (1952),
 * W' = max(0, W + S - A).
 */
import type { DrawnCalls } from './drawn-calls.js';

export interface QueueShape {
  readonly slots: number;
  /** Whether a call that finds no slot free waits, in an endless line, or is refused (Erlang's loss). */
  readonly waits: boolean;
}

/** How long each call waits until its service begins, in ns; NaN for one that is refused. */
export function waitsNs(calls: DrawnCalls, { slots, waits }: QueueShape): Float64Array {
  // Ascending. Inserting is linear in slots, of which no truth has more than some.
  const freeNs = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY);
  return calls.dueNs.map((dueNs, index) => {
    const firstFreeNs = freeNs[0] ?? 0;
    if (!waits && firstFreeNs > dueNs) return Number.NaN;
    const startNs = Math.max(firstFreeNs, dueNs);
    replaceFirst(freeNs, startNs + (calls.serviceNs[index] ?? 0));
    return startNs - dueNs;
  });
}

/** Waiting and service together: what a perfect client would see; NaN for a call that is refused. */
export function sojournsNs(calls: DrawnCalls, shape: QueueShape): Float64Array {
  return waitsNs(calls, shape).map((waitNs, index) => waitNs + (calls.serviceNs[index] ?? 0));
}

/**
 * The same where a client deals its calls out to several equal backends in turn: each backend is a
 * queue of its own with every n-th call. Which backend is first makes no difference.
 */
export function sojournsInTurnNs(
  calls: DrawnCalls,
  shape: QueueShape,
  backends: number,
): Float64Array {
  const all = new Float64Array(calls.dueNs.length);
  for (let backend = 0; backend < backends; backend++) {
    const isOwn = (_: number, ordinal: number) => ordinal % backends === backend;
    const own = sojournsNs(
      { dueNs: calls.dueNs.filter(isOwn), serviceNs: calls.serviceNs.filter(isOwn) },
      shape,
    );
    own.forEach((ns, index) => {
      all[index * backends + backend] = ns;
    });
  }
  return all;
}

/** Takes out the smallest of an ascending array and puts in a value that is no smaller. */
function replaceFirst(ascending: Float64Array, value: number): void {
  let at = 1;
  while (at < ascending.length && (ascending[at] ?? 0) < value) {
    ascending[at - 1] = ascending[at] ?? 0;
    at++;
  }
  ascending[at - 1] = value;
}
