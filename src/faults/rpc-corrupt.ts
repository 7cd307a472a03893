/**
 * `rpc-corrupt`: the first reply of a call is broken, in one of two ways.
 *
 * `prefix`: its length prefix promises more octets than follow, and the call ends with OK within
 * that message. `message`: the prefix is right and the octets are no protobuf. The status is OK both
 * times: only who looks at the reply notices.
 */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const rpcCorrupt = defineCallFault({
  kind: 'rpc-corrupt',
  summary:
    'Breaks the first reply of a call: a wrong length prefix, or octets that are no message.',
  layers: ['interceptor', 'proxy'],
  exercises: 'decoding: that a broken reply is never taken for a good one',
  correctClient:
    'Ends the call with INTERNAL, whatever the trailers say (the gRPC documentation, ' +
    'doc/statuscodes.md), keeps the connection, and does not retry: the response headers came, so ' +
    'it is committed (gRFC A6).',
  acts: 'call',
  schema: z.strictObject({
    ...callFaultEnvelope,
    what: z.enum(['prefix', 'message']).default('prefix'),
  }),
  effect: ({ what }) => ({
    effect: 'garble',
    garbling: { kind: what === 'prefix' ? 'cut' : 'no-message' },
  }),
});
