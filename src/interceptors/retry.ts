/**
 * `retry`: attempts one after another, made by the application and not by the channel.
 *
 * What gRPC's own `retryPolicy` has not: a time for each attempt, a condition on trailers, backoff without
 * its first wait's spread, and a budget that goes by calls or by what is open. docs/retries.md compares them.
 * The parts are in `retry/`: a decision, pure; three budgets; one call.
 */
import { InterceptingCall } from '@grpc/grpc-js';
import { z } from 'zod';
import { oneKey } from '../base/one-key.js';
import { duration, positiveDuration, rate, share, size } from '../base/units.js';
import { defineInterceptor, type InterceptorContext } from './interceptor.js';
import { JITTERS } from './retry/backoff.js';
import { createConcurrencyBudget } from './retry/concurrency-budget.js';
import { Room } from './retry/kept-requests.js';
import { RetriedCall, type RetryContext } from './retry/retried-call.js';
import { NO_BUDGET, type RetryBudget } from './retry/retry-budget.js';
import { compileRules, retryRules } from './retry/retry-rules.js';
import { createShareBudget } from './retry/share-budget.js';
import { createTokenBudget } from './retry/token-budget.js';

const ATTEMPTS_MAX = 100;

/** Of all calls of a worker; gRPC's channels keep as much. */
const ROOM_BYTES = 16 * 1024 ** 2;

const backoff = z
  .strictObject({
    initial: duration().default(50e6),
    maximum: duration().default(1e9),
    multiplier: z.number().min(1).max(100).default(2),
    jitter: z.enum(JITTERS).default('full'),
  })
  .refine(({ initial, maximum }) => !(maximum < initial), {
    message: 'the maximum is below the initial backoff',
    path: ['maximum'],
  });

const budget = oneKey('a budget', {
  tokens: z.strictObject({
    maxTokens: z.number().positive().max(1000),
    tokenRatio: z.number().positive(),
  }),
  share: z.strictObject({
    ofCalls: share(),
    /** However few calls there are. */
    minimum: rate().optional(),
    window: positiveDuration().default(10e9),
  }),
  concurrency: z.strictObject({
    ofAttempts: share().default(0.2),
    /** However few attempts are open. */
    minimum: z.int().min(0).max(1_000_000).default(3),
  }),
});

const schema = z
  .strictObject({
    /** Of a call, the first one counted. */
    attempts: z.int().min(2, 'at least 2 attempts; leave retry out for 1').max(ATTEMPTS_MAX),
    /** The time of each attempt; the last one is that of all further ones. */
    timeouts: z.array(positiveDuration()).min(1).optional(),
    backoff: backoff.prefault({}),
    retryOn: retryRules.prefault(['UNAVAILABLE']),
    budget: budget.optional(),
    /** Of one call's requests, kept to be sent again. */
    keep: size().default(1024 ** 2),
  })
  .refine(({ attempts, timeouts = [] }) => timeouts.length <= attempts, {
    message: 'there are more timeouts than attempts',
    path: ['timeouts'],
  });

type Options = z.output<typeof schema>;

export const retry = defineInterceptor({
  kind: 'retry',
  summary: 'Retries calls that fail, with a time for each attempt, backoff and a budget.',
  schema,
  client(options, context) {
    const shared = retryContext(options, context);
    return (callOptions, nextCall) =>
      new InterceptingCall(new RetriedCall(callOptions, nextCall, shared));
  },
});

function retryContext(options: Options, context: InterceptorContext): RetryContext {
  const { attempts, timeouts = [], retryOn, keep } = options;
  const { initial, maximum, multiplier, jitter } = options.backoff;
  return {
    policy: {
      attempts,
      isRetryable: compileRules(retryOn),
      backoff: { initialNs: initial, maximumNs: maximum, multiplier, jitter },
      budget: budgetOf(options.budget, context),
      random: context.random,
    },
    timeoutsNs: timeouts,
    room: new Room(keep, ROOM_BYTES),
    now: context.now,
    retried: (method) => context.countEvent(method, 'retry'),
    denied: (method, why) => context.countEvent(method, `no retry: ${why}`),
  };
}

function budgetOf(chosen: Options['budget'], { now }: InterceptorContext): RetryBudget {
  if (chosen === undefined) return NO_BUDGET;
  if (chosen.kind === 'tokens') return createTokenBudget(chosen.options);
  if (chosen.kind === 'concurrency') {
    const { ofAttempts, minimum } = chosen.options;
    return createConcurrencyBudget({ share: ofAttempts, minimum });
  }
  const { ofCalls, minimum = 0, window } = chosen.options;
  return createShareBudget({ share: ofCalls, minimumPerSecond: minimum, windowNs: window }, now);
}
