/** `h2-ping-drop`: pings get no answer, as from a peer that is frozen or gone. */
import { z } from 'zod';
import { actIn } from './act-in.js';
import { connectionFaultEnvelope, defineConnectionFault, direction } from './fault.js';

export const h2PingDrop = defineConnectionFault({
  kind: 'h2-ping-drop',
  summary: 'Leaves PINGs without an answer; everything else passes.',
  layers: ['proxy'],
  exercises: 'keepalive, notice of half-open connections',
  correctClient:
    'With keepalive: holds the connection for dead when its timeout has passed without an answer, ' +
    'ends its calls with UNAVAILABLE and connects anew (gRFC A8). Without: notices nothing.',
  acts: 'connection',
  hitsNew: true,
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    /** Whose pings: `up`: the client's; `down`: the server's. */
    direction: direction().default('up'),
  }),
  start: (options, connection) => actIn(options.direction, (way) => connection.dropPings(way)),
});
