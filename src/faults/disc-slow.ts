/** `disc-slow`: name resolution tells late what it has to tell. At the fault's end it tells all at once. */
import { z } from 'zod';
import { positiveDuration } from '../base/units.js';
import { defineDiscoveryFault, discoveryEnvelope } from './fault.js';

interface Slow {
  /** ns */
  readonly by: number;
}

export const discSlow = defineDiscoveryFault({
  kind: 'disc-slow',
  summary: 'Lets name resolution tell every change late, and answer clients without a list late.',
  layers: ['resolver'],
  exercises: 'the time between a change of the backends and the moment at which a client knows',
  correctClient:
    'Goes on with the list that it has. Calls of a client that has none wait for it, with their ' +
    'deadlines running.',
  acts: 'discovery',
  changes: 'time',
  schema: z.strictObject({
    ...discoveryEnvelope,
    by: positiveDuration(),
  }),
  tells: () => false,
  start: ({ by }: Slow, host) => host.slow(by),
});
