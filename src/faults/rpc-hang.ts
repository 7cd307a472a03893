/**
 * `rpc-hang`: a call is accepted and not answered. When the fault is over, calls that still wait are
 * served: a backend that was stuck and comes back finds them in its line.
 */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const rpcHang = defineCallFault({
  kind: 'rpc-hang',
  summary: 'Accepts calls and does not answer them; those that still wait at its end are served.',
  layers: ['interceptor', 'proxy'],
  exercises: 'deadlines, in-flight limits, hedging',
  correctClient:
    'Has a deadline, ends the call with DEADLINE_EXCEEDED when it passes and resets the stream ' +
    '(the gRPC documentation, doc/PROTOCOL-HTTP2.md); a hedging client has sent the next attempt ' +
    'after its hedging delay (gRFC A6). A client without a deadline waits for ever.',
  acts: 'call',
  schema: z.strictObject({ ...callFaultEnvelope }),
  effect() {
    return { effect: 'hang' };
  },
});
