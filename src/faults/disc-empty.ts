/** `disc-empty`: name resolution answers, with no addresses at all. */
import { z } from 'zod';
import { defineDiscoveryFault, discoveryEnvelope } from './fault.js';

export const discEmpty = defineDiscoveryFault({
  kind: 'disc-empty',
  summary: 'Lets name resolution answer with an empty list.',
  layers: ['resolver'],
  exercises: 'a list without addresses, which is an answer and no error',
  correctClient:
    'Ends new calls with UNAVAILABLE at once and lets those that wait for ready wait; open calls go ' +
    'on. Keeping the last list instead is a choice that clients make.',
  acts: 'discovery',
  changes: 'named',
  schema: z.strictObject(discoveryEnvelope),
  tells: () => true,
  start: (_options: object, host) => host.name([]),
});
