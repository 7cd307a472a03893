/**
 * `logging`: writes some calls into `calls.ndjson` of the run's results, never to the terminal.
 *
 * Which ones follows from the seed and the call's number, so that a client and a server that log the
 * same share log the same calls; calls without a number (`squall-call`) are numbered as they come.
 */
import type { Metadata } from '@grpc/grpc-js';
import { z } from 'zod';
import { CALL_ID_KEY, parseCallId } from '../base/call-id.js';
import { hashName, hashToUnit } from '../base/rng.js';
import { statusName } from '../base/status.js';
import { share } from '../base/units.js';
import { type WatchCall, watchingClient, watchingServer } from './call-end.js';
import { defineInterceptor, type InterceptorContext } from './interceptor.js';

const SAMPLE_STREAM = hashName('interceptor/logging');
/** A status message comes from the network; of a longer one the beginning is kept. */
const DETAILS_LENGTH_MAX = 200;

const schema = z.strictObject({
  /** Share of the calls that is logged. */
  share: share().default(0.01),
  /** No more than so many of an interval, from each worker and each backend. */
  perInterval: z.int().min(1).max(1000).default(20),
});

type LoggingOptions = z.output<typeof schema>;

export const logging = defineInterceptor({
  kind: 'logging',
  summary: "Writes a seeded sample of the calls into calls.ndjson, beside the run's results.",
  schema,
  client: (options, context) => watchingClient(sampling(options, context)),
  server: (options, context) => watchingServer(sampling(options, context)),
});

function sampling(options: LoggingOptions, context: InterceptorContext): WatchCall {
  const { seed, now, log, name } = context;
  let calls = 0;
  return (method, metadata) => {
    const call = numberOf(metadata);
    const ordinal = call ?? calls++;
    if (hashToUnit(seed, SAMPLE_STREAM, ordinal) >= options.share) return undefined;
    const atNs = now();
    return {
      ended(code, details) {
        const logged = {
          interceptor: name,
          method,
          ...(call === undefined ? {} : { call }),
          atNs,
          tookNs: now() - atNs,
          status: statusName(code),
          details: details.slice(0, DETAILS_LENGTH_MAX),
        };
        log(logged, options.perInterval);
      },
    };
  };
}

function numberOf(metadata: Metadata): number | undefined {
  const [value] = metadata.get(CALL_ID_KEY);
  return value === undefined ? undefined : parseCallId(String(value))?.ordinal;
}
