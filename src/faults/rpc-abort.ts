/**
 * `rpc-abort`: a call is answered with an error status, before or after the work for it is done, and
 * before or after a part of its answer.
 */
import { z } from 'zod';
import { NS_PER_MS } from '../base/clock.js';
import { STATUS_NAMES, type StatusName, statusCode } from '../base/status.js';
import { duration } from '../base/units.js';
import type { AbortStage } from './call-effect.js';
import { callFaultEnvelope, defineCallFault } from './fault.js';

/** A status that is an error: an abort with OK would be a success without a reply. */
type ErrorName = Exclude<StatusName, 'OK'>;

export const ERROR_NAMES = STATUS_NAMES.filter((name): name is ErrorName => name !== 'OK');

export const rpcAbort = defineCallFault({
  kind: 'rpc-abort',
  summary: 'Answers calls with an error status, with or without a pushback for retries.',
  layers: ['interceptor', 'proxy'],
  exercises: 'retry policy, retry throttling, server pushback, outlier detection',
  correctClient:
    'Retries only codes that its policy lists and only before response headers came: with them it ' +
    'is committed. It waits its backoff, or exactly the pushback, and does not retry after a ' +
    'negative or unreadable one; its deadline spans all attempts (gRFC A6).',
  acts: 'call',
  schema: z
    .strictObject({
      ...callFaultEnvelope,
      /** The status, by its gRPC name. */
      code: z.enum(ERROR_NAMES),
      /**
       * Sent as `grpc-retry-pushback-ms`; `never` asks the client not to retry, `unreadable` is no
       * number, which it has to take for the same.
       */
      pushback: z.union([z.enum(['never', 'unreadable']), duration()]).optional(),
      /**
       * Whether the work is done first, `arrival` when absent; a method that has no service time is
       * answered at arrival.
       */
      after: z.enum(['arrival', 'service']).optional(),
      /** What of the answer leaves before the status. */
      stage: z
        .union([
          z.enum(['trailers-only', 'after-headers']),
          z.strictObject({ 'after-messages': z.int().min(1).max(1_000_000) }),
        ])
        .default('trailers-only'),
      /** The status message. */
      message: z.string().default('aborted by rpc-abort'),
    })
    .refine(({ after, stage }) => !(after === 'arrival' && typeof stage === 'object'), {
      message: 'nothing has been replied at arrival: after-messages needs after: service, or none',
      path: ['after'],
    }),
  effect(options) {
    return {
      effect: 'abort',
      code: statusCode(options.code),
      details: options.message,
      after: options.after ?? 'arrival',
      stage: stageOf(options.stage),
      ...(options.pushback === undefined ? {} : { pushback: pushbackValue(options.pushback) }),
    };
  },
});

function stageOf(
  stage: 'trailers-only' | 'after-headers' | { 'after-messages': number },
): AbortStage {
  return typeof stage === 'string' ? stage : { messages: stage['after-messages'] };
}

/** Whole milliseconds, rounded up so that a client is never told to come back too early. */
function pushbackValue(pushback: 'never' | 'unreadable' | number): string {
  if (pushback === 'unreadable') return 'soon';
  return String(pushback === 'never' ? -1 : Math.ceil(pushback / NS_PER_MS));
}
