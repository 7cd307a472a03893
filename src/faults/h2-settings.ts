/** `h2-settings`: a peer that changes its settings over and over. */
import { z } from 'zod';
import { NS_PER_SECOND } from '../base/clock.js';
import { rate } from '../base/units.js';
import {
  connectionFaultEnvelope,
  defineConnectionFault,
  direction,
  directionsOf,
} from './fault.js';

export const h2Settings = defineConnectionFault({
  kind: 'h2-settings',
  summary: 'Sends SETTINGS frames over and over, each of which has to be acknowledged.',
  layers: ['proxy'],
  exercises: 'acknowledgement of settings, limits on floods',
  correctClient:
    'Acknowledges each and goes on with its calls (RFC 9113 §6.5.3); it may end a connection that ' +
    'floods it, with ENHANCE_YOUR_CALM (§10.5), and then connects anew.',
  acts: 'connection',
  hitsNew: true,
  schema: z.strictObject({
    ...connectionFaultEnvelope,
    /** Frames on each connection. */
    rate: rate(),
    /** `down`: to the client; `up`: to the server. */
    direction: direction().default('down'),
  }),
  start(options, connection) {
    const gapNs = Math.max(Math.round(NS_PER_SECOND / options.rate), 1);
    let cancel = () => {};
    const send = () => {
      for (const way of directionsOf(options.direction)) connection.sendSettings(way);
      cancel = connection.after(gapNs, send);
    };
    send();
    return () => cancel();
  },
});
