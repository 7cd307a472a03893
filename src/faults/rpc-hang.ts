/** `rpc-hang`: a call is accepted and never answered. */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const rpcHang = defineCallFault({
  kind: 'rpc-hang',
  summary: 'Accepts calls and never answers them.',
  layers: ['interceptor', 'proxy'],
  exercises: 'deadlines, in-flight limits, hedging',
  correctClient:
    'Has a deadline, ends the call with DEADLINE_EXCEEDED when it passes and resets the stream; ' +
    'a client without one waits for ever.',
  acts: 'call',
  schema: z.strictObject({ ...callFaultEnvelope }),
  effect() {
    return { effect: 'hang' };
  },
});
