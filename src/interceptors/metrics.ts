/** `metrics`: counts calls by method and status and times them, for the record and the summary. */
import { z } from 'zod';
import { type WatchCall, watchingClient, watchingServer } from './call-end.js';
import { defineInterceptor, type InterceptorContext } from './interceptor.js';

export const metrics = defineInterceptor({
  kind: 'metrics',
  summary: 'Counts calls by method and status, and how long they took from its place in the chain.',
  schema: z.strictObject({}),
  client: (_options, context) => watchingClient(counting(context)),
  server: (_options, context) => watchingServer(counting(context)),
});

function counting({ now, count }: InterceptorContext): WatchCall {
  return (method) => {
    const beganNs = now();
    return { ended: (code) => count(method, code, now() - beganNs) };
  };
}
