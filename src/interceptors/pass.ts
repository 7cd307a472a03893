/** `pass`: hands everything on, so that what it costs is what being in a chain costs. */
import { InterceptingCall, ServerInterceptingCall } from '@grpc/grpc-js';
import { z } from 'zod';
import { defineInterceptor } from './interceptor.js';

export const pass = defineInterceptor({
  kind: 'pass',
  summary: 'Hands everything on: measures what being in a chain costs.',
  schema: z.strictObject({}),
  // With a listener and a responder of its own, as all have that do something.
  client: () => (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, _listener, next) {
        next(metadata, { onReceiveStatus: (status, onward) => onward(status) });
      },
    }),
  server: () => (_method, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        next({ onReceiveMetadata: (metadata, onward) => onward(metadata) });
      },
      sendStatus: (status, next) => next(status),
    }),
});
