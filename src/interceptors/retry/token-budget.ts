/**
 * gRPC's retry throttling (gRFC A6): tokens that failures use up and successes bring back a part of.
 *
 *     failure: −1    success: +tokenRatio    a retry is made while tokens > maxTokens / 2
 *
 * With a share p of attempts failing, tokens neither rise nor fall where p = ratio / (1 + ratio): above
 * that, retries end soon, whatever the load.
 */
import { NO_BUDGET, type RetryBudget } from './retry-budget.js';

export interface TokenBudgetOptions {
  /** Tokens at the start, and the most there can be. */
  readonly maxTokens: number;
  /** What a success brings. */
  readonly tokenRatio: number;
}

export function createTokenBudget({ maxTokens, tokenRatio }: TokenBudgetOptions): RetryBudget {
  let tokens = maxTokens;
  return {
    ...NO_BUDGET,
    attemptSucceeded() {
      tokens = Math.min(tokens + tokenRatio, maxTokens);
    },
    attemptFailed() {
      tokens = Math.max(tokens - 1, 0);
    },
    take: () => tokens > maxTokens / 2,
  };
}
