/**
 * Whether an attempt that ended is followed by another, when, and if not, why not.
 *
 * Comes in how the attempt ended and where its call stands, goes out a decision. The rules are those of
 * gRFC A6, but that a retry for which no time is left is not waited for: the call ends at once.
 */
import type { Rng } from '../../base/rng.js';
import { type BackoffOptions, backoffNs } from './backoff.js';
import { PUSHBACK_KEY, readPushback } from './pushback.js';
import type { RetryBudget } from './retry-budget.js';
import type { AttemptEnd, IsRetryable } from './retry-rules.js';

/**
 * Why there is no retry of a failure that is worth one: all attempts were made; the call has part of an
 * answer, or its requests were not kept; the server asked for none; it would begin after the deadline; the
 * budget is used up.
 */
export const DENIALS = ['attempts', 'committed', 'pushback', 'deadline', 'budget'] as const;
export type Denial = (typeof DENIALS)[number];

export type Decision =
  | { readonly next: 'retry'; readonly afterNs: number; readonly wasTold: boolean }
  | { readonly next: 'end'; readonly denied?: Denial };

/** Where the call stands. */
export interface CallStanding {
  /** Attempts that were made, the one that ended with them. */
  readonly made: number;
  /** Waits since the first attempt, or since a server last said how long to wait. */
  readonly waits: number;
  readonly isCommitted: boolean;
  /** Until the call's deadline; Infinity without one. */
  readonly leftNs: number;
}

export interface RetryPolicy {
  /** Most attempts of a call. */
  readonly attempts: number;
  readonly isRetryable: IsRetryable;
  readonly backoff: BackoffOptions;
  readonly budget: RetryBudget;
  readonly random: Rng;
}

/** Of less than this an attempt would make nothing; timers of grpc-js may fire that much early. */
const ATTEMPT_NS_MIN = 2e6;

/** @returns what to do; the budget is told, and a retry is taken from it. */
export function decideRetry(end: AttemptEnd, call: CallStanding, policy: RetryPolicy): Decision {
  const { budget } = policy;
  if (end.code === 0) {
    budget.attemptSucceeded();
    return { next: 'end' };
  }
  const isRetryable = policy.isRetryable(end);
  const pushback = readPushback(end.trailer(PUSHBACK_KEY));
  if (isRetryable || pushback === 'never') budget.attemptFailed();
  if (!isRetryable) return { next: 'end' };
  if (call.isCommitted) return { next: 'end', denied: 'committed' };
  if (call.made >= policy.attempts) return { next: 'end', denied: 'attempts' };
  if (pushback === 'never') return { next: 'end', denied: 'pushback' };
  const afterNs = pushback ?? backoffNs(policy.backoff, call.waits, policy.random);
  if (call.leftNs - afterNs < ATTEMPT_NS_MIN) return { next: 'end', denied: 'deadline' };
  if (!budget.take()) return { next: 'end', denied: 'budget' };
  return { next: 'retry', afterNs, wasTold: pushback !== undefined };
}
