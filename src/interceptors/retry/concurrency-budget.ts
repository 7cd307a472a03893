/**
 * A budget of retries as a share of the attempts that are open at the moment, and a minimum for clients
 * with few of them, as Envoy's retry budget has it:
 *
 *     open retries ≤ max(minimum, share × open attempts)
 *
 * A retry is open from when it is granted, its backoff with it, to its end. It bounds what there is at
 * once, not over time: with attempts that all take as long, it lets 1 / (1 − share) attempts a call
 * through, and more where retries end sooner than first attempts do.
 */
import { NO_BUDGET, type RetryBudget } from './retry-budget.js';

export interface ConcurrencyBudgetOptions {
  /** Fraction of open attempts, from 0 to 1. */
  readonly share: number;
  /** Retries that may be open however few attempts are. */
  readonly minimum: number;
}

export function createConcurrencyBudget({ share, minimum }: ConcurrencyBudgetOptions): RetryBudget {
  let attempts = 0;
  let retries = 0;
  return {
    ...NO_BUDGET,
    attemptStarted() {
      attempts++;
    },
    attemptEnded() {
      attempts--;
    },
    take() {
      if (retries + 1 > Math.max(minimum, share * attempts)) return false;
      retries++;
      return true;
    },
    giveBack() {
      retries--;
    },
  };
}
