/** `h2-http-status`: what a proxy or a web server in the way would answer: HTTP, and no gRPC. */
import { z } from 'zod';
import { callFaultEnvelope, defineCallFault } from './fault.js';

export const h2HttpStatus = defineCallFault({
  kind: 'h2-http-status',
  summary: 'Answers calls with an HTTP status and nothing of gRPC, as a gateway in the way would.',
  layers: ['proxy'],
  exercises: 'the mapping of HTTP statuses to gRPC statuses',
  correctClient:
    '400 becomes INTERNAL, 401 UNAUTHENTICATED, 403 PERMISSION_DENIED, 404 UNIMPLEMENTED, 429, 502, ' +
    '503 and 504 UNAVAILABLE, any other UNKNOWN, 200 too (the gRPC documentation, ' +
    'doc/http-grpc-status-mapping.md).',
  acts: 'call',
  schema: z.strictObject({
    ...callFaultEnvelope,
    status: z.int().min(200).max(599).default(503),
  }),
  effect: ({ status }) => ({ effect: 'http-status', status }),
});
