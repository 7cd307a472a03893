/** How a balancer chooses: pure, so that its evenness can be tested with numbers alone. */

/** What is known of a backend when a call is to be placed. */
export interface Candidate {
  /** Calls of all clients that are under way on it. */
  readonly activeCalls: number;
  /** It could not be reached a moment ago: no call goes there. */
  readonly isOut: boolean;
}

/**
 * The number of the backend that takes a call, -1 when all are out.
 * @param turn calls that were placed before this one.
 */
export type Pick = (candidates: readonly Candidate[], turn: number) => number;
