/** `h2-rst`: a call's stream is reset, with any HTTP/2 error code and at any moment of its answer. */
import { z } from 'zod';
import { ERROR_CODE_NAMES, http2ErrorCode } from '../base/http2-error-code.js';
import { answerMoment, momentOfAnswer } from './answer-moment.js';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const h2Rst = defineCallFault({
  kind: 'h2-rst',
  summary: 'Resets the stream of a call: before the server sees it, or within its answer.',
  layers: ['proxy'],
  exercises: 'the mapping of HTTP/2 errors to statuses, transparent retries',
  correctClient:
    'REFUSED_STREAM becomes UNAVAILABLE, after one transparent retry that no policy pays for (gRFC ' +
    'A6); CANCEL becomes CANCELLED, ENHANCE_YOUR_CALM RESOURCE_EXHAUSTED, INADEQUATE_SECURITY ' +
    'PERMISSION_DENIED, all other codes INTERNAL, NO_ERROR too (the gRPC documentation, ' +
    'doc/PROTOCOL-HTTP2.md). The connection and its other streams go on.',
  acts: 'call',
  schema: z.strictObject({
    ...callFaultEnvelope,
    /** By its name in RFC 9113 §7. */
    code: z.enum(ERROR_CODE_NAMES).default('INTERNAL_ERROR'),
    /** `request`: the server sees nothing of the call. */
    when: z.union([z.literal('request'), answerMoment()]).default('request'),
  }),
  effect: ({ code, when }) => ({
    effect: 'reset',
    code: http2ErrorCode(code),
    moment: when === 'request' ? when : momentOfAnswer(when),
  }),
});
