/**
 * `disc-stale`: name resolution is behind. It keeps to what it said when the fault began, whatever
 * `disc-set`, `disc-churn` and `disc-empty` change meanwhile, and may name addresses of backends that
 * are long gone.
 */
import { z } from 'zod';
import { defineDiscoveryFault, discoveryEnvelope } from './fault.js';

/** Each gone address is one that a client tries to connect to, again and again. */
const GONE_MAX = 100;

interface Stale {
  readonly gone: number;
}

export const discStale = defineDiscoveryFault({
  kind: 'disc-stale',
  summary: 'Lets name resolution keep to an old list, with addresses in it that nobody listens on.',
  layers: ['resolver'],
  exercises: 'connection attempts to what is gone, and load that misses what is new',
  correctClient:
    'Passes over addresses that refuse it while others are there, without failing calls; tries them ' +
    'again with growing pauses; asks for a new list when connections are lost, and not all the time.',
  acts: 'discovery',
  changes: 'answered',
  keeps: true,
  schema: z.strictObject({
    ...discoveryEnvelope,
    /** Addresses that nobody listens on, at the head of the list. */
    gone: z.int().min(0).max(GONE_MAX).default(0),
  }),
  tells: ({ gone }: Stale) => gone > 0,
  start: ({ gone }: Stale, host) => host.freeze(gone),
});
