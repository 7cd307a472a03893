/**
 * What bounds the retries of a client, however many of its calls fail: a budget that they all share.
 * `token-budget.ts` and `share-budget.ts` are the two there are.
 */
export interface RetryBudget {
  /** A call was made, its first attempt with it. */
  callStarted(): void;
  attemptSucceeded(): void;
  /** An attempt failed in a way that is worth a retry, or the server asked for none. */
  attemptFailed(): void;
  /** Takes one retry out of it. @returns false when there is none left. */
  take(): boolean;
}

/** All retries that are asked for. */
export const NO_BUDGET: RetryBudget = {
  callStarted() {},
  attemptSucceeded() {},
  attemptFailed() {},
  take: () => true,
};
