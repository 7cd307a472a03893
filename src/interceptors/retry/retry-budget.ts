/**
 * What bounds the retries of a client, however many of its calls fail: a budget that they all share.
 * `token-budget.ts`, `share-budget.ts` and `concurrency-budget.ts` are those there are.
 */
export interface RetryBudget {
  /** A call was made, its first attempt with it. */
  callStarted(): void;
  attemptStarted(): void;
  attemptSucceeded(): void;
  /** An attempt failed in a way that is worth a retry, or the server asked for none. */
  attemptFailed(): void;
  /** However it ended. */
  attemptEnded(): void;
  /** Takes one retry out of it. @returns false when there is none left. */
  take(): boolean;
  /** A retry that was taken has ended, or is not made after all. */
  giveBack(): void;
}

/** All retries that are asked for; a budget is this, but for what it goes by. */
export const NO_BUDGET: RetryBudget = {
  callStarted() {},
  attemptStarted() {},
  attemptSucceeded() {},
  attemptFailed() {},
  attemptEnded() {},
  take: () => true,
  giveBack() {},
};
