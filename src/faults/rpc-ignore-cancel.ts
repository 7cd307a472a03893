/**
 * `rpc-ignore-cancel`: the work for a call goes on when its client has cancelled it or its deadline
 * has passed, although nobody waits for the reply: on backends that would have stopped it. When the
 * fault is over they do.
 */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const rpcIgnoreCancel = defineCallFault({
  kind: 'rpc-ignore-cancel',
  summary: 'Goes on with the work for calls whose client is gone; its slot is not freed.',
  layers: ['interceptor'],
  exercises: 'what cancelled and late calls cost the server: the work that is wasted',
  correctClient:
    'Can do nothing about it: it has told the server by resetting the stream, and the rest is the ' +
    'server’s. It must not count on a cancelled call having had no effect.',
  acts: 'call',
  replies: 'one',
  needsStop: true,
  schema: z.strictObject({ ...callFaultEnvelope }),
  effect: () => ({ effect: 'persist' }),
});
