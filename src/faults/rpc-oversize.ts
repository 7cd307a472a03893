/**
 * `rpc-oversize`: the first reply of a call is made so many octets long, by a field that no client
 * knows. To a client that takes messages of that size it is the reply that it would have been.
 */
import { z } from 'zod';
import { size } from '../base/units.js';
import { callFaultEnvelope, defineCallFault } from './fault.js';

/** A message's prefix counts its octets in 32 bits; a buffer of Node's holds half of that. */
const BYTES_MAX = 1024 * 1024 * 1024;

export const rpcOversize = defineCallFault({
  kind: 'rpc-oversize',
  summary: 'Makes the first reply of a call larger: beyond what its client takes, for example.',
  layers: ['interceptor', 'proxy'],
  exercises: 'limits on message sizes, memory of clients, flow control',
  correctClient:
    'Ends the call with RESOURCE_EXHAUSTED when the reply is beyond its limit, 4 MiB unless told ' +
    '(the gRPC documentation, doc/statuscodes.md), and tells the server to stop. It does not retry: ' +
    'the response headers came, so it is committed (gRFC A6).',
  acts: 'call',
  schema: z.strictObject({
    ...callFaultEnvelope,
    /** Of the reply, uncompressed and without its prefix; one that is larger already stays. */
    size: size().refine((bytes) => !(bytes > BYTES_MAX), { message: 'a reply is at most 1GiB' }),
  }),
  effect: ({ size: bytes }) => ({ effect: 'garble', garbling: { kind: 'pad', bytes } }),
});
