/**
 * `auth`: a token in the metadata. The client sends it, the server answers calls that lack it, or have
 * another, with UNAUTHENTICATED, before any work is done for them.
 */
import { InterceptingCall, ServerInterceptingCall } from '@grpc/grpc-js';
import { z } from 'zod';
import { statusCode } from '../base/status.js';
import { defineInterceptor } from './interceptor.js';

/** As HTTP has it (RFC 6750, section 2.1); gRPC has no key of its own for it. */
const KEY = 'authorization';
const SCHEME = 'Bearer';
const UNAUTHENTICATED = statusCode('UNAUTHENTICATED');

export const auth = defineInterceptor({
  kind: 'auth',
  summary: 'A token in the metadata: the client sends it, the server refuses calls without it.',
  schema: z.strictObject({
    token: z.string().regex(/^[\x21-\x7e]+$/, 'a token is printable ASCII without spaces'),
  }),
  client({ token }) {
    const value = `${SCHEME} ${token}`;
    return (options, nextCall) =>
      new InterceptingCall(nextCall(options), {
        start(metadata, listener, next) {
          metadata.set(KEY, value);
          next(metadata, listener);
        },
      });
  },
  server({ token }) {
    const expected = `${SCHEME} ${token}`;
    return (_method, call) =>
      new ServerInterceptingCall(call, {
        start(next) {
          next({
            onReceiveMetadata(metadata, onward) {
              const [given] = metadata.get(KEY);
              if (given === expected) onward(metadata);
              else {
                const details = given === undefined ? 'no token' : 'not the right token';
                call.sendStatus({ code: UNAUTHENTICATED, details });
              }
            },
          });
        },
      });
  },
});
