/** `h2-goaway`: a connection is told that no more streams are taken, and which of its own still are. */
import { z } from 'zod';
import { ERROR_CODE_NAMES, http2ErrorCode } from '../base/http2-error-code.js';
import { connectionFaultEnvelope, defineConnectionFault } from './fault.js';

export const h2Goaway = defineConnectionFault({
  kind: 'h2-goaway',
  summary: 'Sends GOAWAY to the connections that are open: what is under way ends, or is cut off.',
  layers: ['proxy'],
  exercises: 'draining, transparent retries, reconnects',
  correctClient:
    'Lets streams up to the last one finish, sends those above it again elsewhere, once and ' +
    'uncharged (gRFC A6), starts nothing new here and connects anew. After ENHANCE_YOUR_CALM with ' +
    '"too_many_pings" it doubles its keepalive time (gRFC A8).',
  acts: 'connection',
  hitsNew: false,
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    code: z.enum(ERROR_CODE_NAMES).default('NO_ERROR'),
    /** The last stream that goes on: `all` that have come, `none`, or one by its id. */
    last: z.union([z.enum(['all', 'none']), z.int().min(0).max(0x7fff_ffff)]).default('all'),
    debug: z.string().max(1_024).default('sent by h2-goaway'),
  }),
  start({ last, code, debug }, connection) {
    connection.goaway(last, http2ErrorCode(code), debug);
    return () => {};
  },
});
