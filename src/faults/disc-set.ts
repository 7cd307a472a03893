/** `disc-set`: name resolution names some backends only: those listed, or those of a zone. */
import { z } from 'zod';
import { defineDiscoveryFault, faultEnvelope } from './fault.js';

export const discSet = defineDiscoveryFault({
  kind: 'disc-set',
  summary: 'Lets name resolution name some backends only, as when others are taken out or added.',
  layers: ['resolver'],
  exercises: 'the move from one list of addresses to another, under load',
  correctClient:
    'Keeps its connections to backends that are in both lists, sends nothing new to those that are ' +
    'gone, lets open calls and streams on them end by themselves, and loses no call.',
  acts: 'discovery',
  changes: 'named',
  schema: z
    .strictObject(faultEnvelope)
    .refine(({ backends, zones }) => backends !== undefined || zones !== undefined, {
      message: 'says which backends are named: backends or zones',
    }),
  mistake: (_options, backends, all) =>
    backends === all ? 'names all backends, as name resolution does anyway' : undefined,
  tells: () => true,
  start: (_options, host) => host.name(host.backends),
});
