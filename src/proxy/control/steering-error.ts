/** What cannot be done for who steers a proxy, and why: each face says it in its own protocol's words. */
import { formatMistake, type Mistake } from '../../base/errors.js';

/**
 * - `invalid`: the input is wrong;
 * - `unknown`: nothing is called so;
 * - `full`: the proxy holds as much as it will.
 */
export type SteeringProblem = 'invalid' | 'unknown' | 'full';

export class SteeringError extends Error {
  override readonly name = 'SteeringError';
  readonly problem: SteeringProblem;
  readonly mistakes: readonly Mistake[];

  /** @param mistakes at least one. */
  constructor(problem: SteeringProblem, mistakes: readonly Mistake[], options?: ErrorOptions) {
    super(mistakes.map(formatMistake).join('\n'), options);
    this.problem = problem;
    this.mistakes = mistakes;
  }
}
