/**
 * A budget of retries as a share of the calls of the last seconds, and a minimum for clients with few
 * calls, as Finagle's and Linkerd's retry budgets have it:
 *
 *     retries ≤ share × calls + minimum × window     in any window
 *
 * Over a long time a client makes at most 1 + share + minimum / rate attempts a call. The window moves
 * in slices, so that nothing is kept for each call; the oldest slice goes as a new one begins, and
 * calls, retries and minimum are all counted over what is left, which is nine tenths of it or more.
 */
import { type NowNs, NS_PER_SECOND } from '../../base/clock.js';
import { NO_BUDGET, type RetryBudget } from './retry-budget.js';

export interface ShareBudgetOptions {
  /** Fraction of calls, from 0 to 1. */
  readonly share: number;
  /** Retries that there may be besides, a second. */
  readonly minimumPerSecond: number;
  readonly windowNs: number;
}

const SLICES = 10;

export function createShareBudget(
  { share, minimumPerSecond, windowNs }: ShareBudgetOptions,
  now: NowNs,
): RetryBudget {
  const sliceNs = windowNs / SLICES;
  const beganNs = now();
  const calls = new Float64Array(SLICES);
  const retries = new Float64Array(SLICES);
  let newest = 0;
  /** Moves the window to now. @returns the index of the newest slice in the arrays. */
  const slice = () => {
    const index = Math.floor((now() - beganNs) / sliceNs);
    // After a pause longer than the window all slices are new.
    for (let step = Math.max(newest + 1, index - SLICES + 1); step <= index; step++) {
      calls[step % SLICES] = 0;
      retries[step % SLICES] = 0;
    }
    newest = Math.max(newest, index);
    return newest % SLICES;
  };
  const add = (counts: Float64Array, at: number) => {
    counts[at] = (counts[at] ?? 0) + 1;
  };
  const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0);
  return {
    ...NO_BUDGET,
    callStarted: () => add(calls, slice()),
    take() {
      const at = slice();
      const coveredNs = now() - beganNs - (newest - SLICES + 1) * sliceNs;
      const allowed = share * sum(calls) + (minimumPerSecond * coveredNs) / NS_PER_SECOND;
      if (sum(retries) + 1 > allowed) return false;
      add(retries, at);
      return true;
    },
  };
}
