/**
 * The interceptor `retry` beside other things that make attempts. Comes in a scenario and its client's chain,
 * put together; goes out what would multiply attempts behind the user's back.
 *
 * The chain sees calls and the channel attempts: each attempt of the interceptor would be a call with retries
 * or hedges of its own, n × m attempts where n or m were meant, and no budget of either would know.
 */
import { methodConfigsOf } from '../drivers/method-configs.js';
import type { InterceptorSpec } from '../interceptors/interceptor.js';
import { retry } from '../interceptors/retry.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { Scenario } from './scenario-schema.js';

const POLICIES = ['retryPolicy', 'hedgingPolicy'] as const;

/** @param chain of the client, with the chains that it uses in their places. */
export function retryMistakes(
  { client }: Pick<Scenario, 'client'>,
  chain: readonly InterceptorSpec[] = [],
): PlacedMistake[] {
  const [one, second] = chain.filter(({ kind }) => kind === retry.kind);
  if (one === undefined) return [];
  const path = ['client', 'interceptors'];
  const mistakes: PlacedMistake[] = [];
  if (second !== undefined) {
    const message = `${one.name} and ${second.name} in one chain: their attempts would multiply`;
    mistakes.push({ path, message, hint: 'leave one of them' });
  }
  const methodConfigs = methodConfigsOf(client.serviceConfig);
  for (const policy of POLICIES) {
    const below = methodConfigs.find((config) => policy in config)?.[policy];
    if (below === undefined) continue;
    const { attempts } = one.options as { readonly attempts: number };
    mistakes.push({
      path,
      message:
        `${retry.kind} and a ${policy}: each of the ${attempts} attempts would be made up to ` +
        `${below.maxAttempts} times`,
      hint: 'leave one of them: the chain is for calls of all methods',
    });
  }
  return mistakes;
}
