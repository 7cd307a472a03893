/**
 * How long to wait before a retry: exponential backoff with jitter.
 *
 * Comes in how many waits there were before, goes out the next in ns. Pure but for its random number.
 */
import type { Rng } from '../../base/rng.js';

/**
 * How a wait is spread, so that clients that failed together do not come back together:
 * `none` not at all; `full` from nothing to all of it; `equal` from half of it to all of it.
 */
export const JITTERS = ['none', 'full', 'equal'] as const;
export type Jitter = (typeof JITTERS)[number];

export interface BackoffOptions {
  /** The first wait, before jitter. */
  readonly initialNs: number;
  /** No wait is longer. */
  readonly maximumNs: number;
  /** Each wait is so many times the one before; at least 1. */
  readonly multiplier: number;
  readonly jitter: Jitter;
}

/** The part of a wait that is certain; what is left of it is drawn. */
const CERTAIN: Readonly<Record<Jitter, number>> = { none: 1, full: 0, equal: 0.5 };

/**
 * @param waits that there were since the first attempt, or since the server last said how long to wait.
 * @returns from 0 to the maximum.
 */
export function backoffNs(
  { initialNs, maximumNs, multiplier, jitter }: BackoffOptions,
  waits: number,
  random: Rng,
): number {
  // The power may be infinite and nothing times it no number: nothing stays nothing.
  const wholeNs = initialNs === 0 ? 0 : Math.min(initialNs * multiplier ** waits, maximumNs);
  const certain = CERTAIN[jitter];
  return certain === 1 ? wholeNs : wholeNs * (certain + (1 - certain) * random());
}
