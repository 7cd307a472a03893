/** Two different endpoints, drawn uniformly: what the power of two choices chooses from. */
import type { Rng } from '../base/rng.js';
import type { Endpoint } from './balancer.js';

/**
 * The one of two different ready endpoints for which `cost` is smaller; of equals the first drawn. The
 * only one where there is no second.
 */
export function cheaperOfTwo<E extends Endpoint>(
  ready: readonly E[],
  random: Rng,
  cost: (endpoint: E) => number,
): E {
  const first = Math.floor(random() * ready.length);
  const one = ready[first];
  if (one === undefined) throw new Error('picked from no endpoints');
  if (ready.length === 1) return one;
  // One of the others, all as likely: those from `first` on move up by one.
  const second = Math.floor(random() * (ready.length - 1));
  const other = ready[second < first ? second : second + 1] ?? one;
  return cost(other) < cost(one) ? other : one;
}
