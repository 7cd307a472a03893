/** `rpc-delay`: a call is held back for a fixed or drawn time before it is served. */
import { z } from 'zod';
import { distribution, drawNs } from '../base/distribution.js';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const rpcDelay = defineCallFault({
  kind: 'rpc-delay',
  summary: 'Holds calls back for a fixed or drawn time before they are served.',
  layers: ['interceptor', 'proxy'],
  exercises: 'deadlines, hedging, balancers that look at latency',
  correctClient:
    'Ends the call locally with DEADLINE_EXCEEDED when its deadline passes and cancels the ' +
    'attempt; a hedging client sends the next attempt after its hedging delay (gRFC A6).',
  acts: 'call',
  schema: z.strictObject({
    ...callFaultEnvelope,
    /** How long; a draw follows from the seed and the call. */
    delay: distribution(),
  }),
  effect(options, _call, unit) {
    return { effect: 'delay', ns: drawNs(options.delay, unit) };
  },
});
