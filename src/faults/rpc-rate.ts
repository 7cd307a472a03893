/**
 * `rpc-rate`: the replies of a stream leave the server no faster than so many in a time. Streams that
 * are open when it begins are paced from then on.
 */
import { z } from 'zod';
import { NS_PER_SECOND } from '../base/clock.js';
import { rate } from '../base/units.js';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const rpcRate = defineCallFault({
  kind: 'rpc-rate',
  summary: 'Sends the replies of a stream no faster than a rate; they are not lost, they wait.',
  layers: ['interceptor', 'proxy'],
  exercises: 'message latency, deadlines of streams, senders that are faster than their receivers',
  correctClient:
    'Takes each message when it comes and keeps the stream open; a deadline ends it with ' +
    'DEADLINE_EXCEEDED, and messages that came before count. It retries none of it: the response ' +
    'headers came, so it is committed (gRFC A6).',
  acts: 'call',
  replies: 'stream',
  hitsOpen: true,
  schema: z.strictObject({
    ...callFaultEnvelope,
    /** Of each stream. */
    messages: rate(),
  }),
  effect: ({ messages }) => ({ effect: 'pace', intervalNs: Math.round(NS_PER_SECOND / messages) }),
});
