/**
 * `deadline-propagation`: calls that are part of a larger one have no more time than it has left.
 *
 * On the client it caps the deadline of every call by a budget. On the server it says in the metadata
 * how much time is left, and answers a call that has none left, or less than `reserve`, with
 * DEADLINE_EXCEEDED before any work is done for it. A target that hands its deadline on to the next tier
 * (`next.deadline: propagated`) hands on no more than that; so may a handler of the user's own.
 */
import { InterceptingCall, ServerInterceptingCall } from '@grpc/grpc-js';
import { z } from 'zod';
import { NS_PER_MS } from '../base/clock.js';
import { statusCode } from '../base/status.js';
import { duration, positiveDuration } from '../base/units.js';
import { defineInterceptor } from './interceptor.js';

/** Whole microseconds that are left to a handler, as text; absent where a call has no deadline. */
export const REMAINING_KEY = 'squall-remaining-us';

const DEADLINE_EXCEEDED = statusCode('DEADLINE_EXCEEDED');

export const deadlinePropagation = defineInterceptor({
  kind: 'deadline-propagation',
  summary: 'Caps the deadline of calls by a budget, on a server that of calls to the next tier.',
  schema: z.strictObject({
    /** A call has no more time than this, whatever its own deadline. */
    budget: positiveDuration().optional(),
    /** Server: kept back for the way of the reply; what is left to a handler is less by it. */
    reserve: duration().optional(),
  }),
  mistake({ budget, reserve }, side) {
    if (side === 'server') return undefined;
    if (reserve !== undefined) return 'reserve is for servers';
    return budget === undefined ? 'on the client it needs a budget' : undefined;
  },
  client({ budget = Number.POSITIVE_INFINITY }) {
    const budgetMs = budget / NS_PER_MS;
    return (options, nextCall) => {
      const deadline = Math.min(Number(options.deadline ?? Infinity), Date.now() + budgetMs);
      return new InterceptingCall(nextCall({ ...options, deadline }));
    };
  },
  server({ budget = Number.POSITIVE_INFINITY, reserve = 0 }) {
    const budgetMs = budget / NS_PER_MS;
    const reserveMs = reserve / NS_PER_MS;
    return (_method, call) =>
      new ServerInterceptingCall(call, {
        start(next) {
          next({
            onReceiveMetadata(metadata, onward) {
              const givenMs = Number(call.getDeadline()) - Date.now();
              const leftMs = Math.min(givenMs, budgetMs) - reserveMs;
              if (leftMs <= 0) {
                call.sendStatus({ code: DEADLINE_EXCEEDED, details: 'no time is left' });
                return;
              }
              metadata.remove(REMAINING_KEY);
              if (leftMs !== Infinity) {
                metadata.set(REMAINING_KEY, String(Math.floor(leftMs * 1e3)));
              }
              onward(metadata);
            },
          });
        },
      });
  },
});
