/** `h2-max-streams`: a server that allows few streams at once on a connection. */
import { z } from 'zod';
import { connectionFaultEnvelope, defineConnectionFault } from './fault.js';

export const h2MaxStreams = defineConnectionFault({
  kind: 'h2-max-streams',
  summary: 'Allows so many streams at once on a connection, until the fault is over.',
  layers: ['proxy'],
  exercises: 'queueing in the client, deadlines that pass before a call is sent',
  correctClient:
    'Never opens more at once once it has acknowledged the limit; calls beyond it wait, their ' +
    'deadline running, or go over another connection (RFC 9113 §5.1.2, gRFC A105).',
  acts: 'connection',
  hitsNew: true,
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    streams: z.int().min(0).max(1_000_000),
  }),
  start: ({ streams }, connection) => connection.limitStreams(streams),
});
