/**
 * `rpc-abort`: a call is answered with an error status, before or after the work for it is done.
 */
import { z } from 'zod';
import { NS_PER_MS } from '../base/clock.js';
import { STATUS_NAMES, type StatusName, statusCode } from '../base/status.js';
import { duration } from '../base/units.js';
import { callFaultEnvelope, defineCallFault } from './fault.js';

/** A status that is an error: an abort with OK would be a success without a reply. */
type ErrorName = Exclude<StatusName, 'OK'>;

const ERROR_NAMES = STATUS_NAMES.filter((name): name is ErrorName => name !== 'OK');

export const rpcAbort = defineCallFault({
  kind: 'rpc-abort',
  summary: 'Answers calls with an error status, with or without a pushback for retries.',
  layers: ['interceptor', 'proxy'],
  exercises: 'retry policy, retry throttling, server pushback, outlier detection',
  correctClient:
    'Retries only codes that its policy lists, after its backoff or exactly the pushback, ' +
    'and not at all after a negative one (gRFC A6).',
  acts: 'call',
  schema: z.strictObject({
    ...callFaultEnvelope,
    /** The status, by its gRPC name. */
    code: z.enum(ERROR_NAMES),
    /** Sent as `grpc-retry-pushback-ms`; `never` asks the client not to retry. */
    pushback: z.union([z.literal('never'), duration()]).optional(),
    /** Whether the work is done first; a method that has no service time is answered at arrival. */
    after: z.enum(['arrival', 'service']).default('arrival'),
    /** The status message. */
    message: z.string().default('aborted by rpc-abort'),
  }),
  effect(options) {
    return {
      effect: 'abort',
      code: statusCode(options.code),
      details: options.message,
      after: options.after,
      ...(options.pushback === undefined ? {} : { pushbackMs: pushbackMs(options.pushback) }),
    };
  },
});

/** Whole milliseconds, rounded up so that a client is never told to come back too early. */
function pushbackMs(pushback: 'never' | number): number {
  return pushback === 'never' ? -1 : Math.ceil(pushback / NS_PER_MS);
}
