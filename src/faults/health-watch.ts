/**
 * `health-watch`: the health service answers Check, and Watch goes wrong.
 *
 * A client that trusts Watch alone hears nothing, or hears it end. What is running when the fault
 * begins is hit like what comes later; when it ends, streams that were silent are told how it stands.
 */
import { z } from 'zod';
import { STATUS_NAMES, type StatusName, statusCode } from '../base/status.js';
import { defineHostFault, faultEnvelope, type WatchEffect } from './fault.js';

/** What ends with OK did not go wrong. */
type ErrorName = Exclude<StatusName, 'OK'>;
const ERROR_NAMES = STATUS_NAMES.filter((name): name is ErrorName => name !== 'OK');

interface Watch {
  readonly does: 'silent' | 'error' | 'unimplemented';
  readonly code?: ErrorName | undefined;
  readonly service?: string | undefined;
}

export const healthWatch = defineHostFault({
  kind: 'health-watch',
  summary: "Lets the health service's Watch fall silent, fail, or be unimplemented.",
  layers: ['interceptor', 'proxy'],
  exercises: 'client-side health checking when the health service itself is what fails',
  correctClient:
    'Sends no calls to a backend whose Watch has not answered yet; asks again with backoff when it ' +
    'fails; takes UNIMPLEMENTED for healthy (gRFC A17).',
  acts: 'host',
  schema: z
    .strictObject({
      ...faultEnvelope,
      does: z.enum(['silent', 'error', 'unimplemented']),
      /** What Watch ends with under `error`; UNAVAILABLE when absent. */
      code: z.enum(ERROR_NAMES).optional(),
      /** Only those that watch this name; all when absent. */
      service: z.string().optional(),
    })
    .refine(({ does, code }) => code === undefined || does === 'error', {
      message: 'a code goes with does: error only',
      path: ['code'],
    }),
  claims: (options: Watch) => ({
    of: 'Watch',
    name: options.service,
    as: JSON.stringify(effectOf(options)),
  }),
  start: (options: Watch, host) => host.overrideWatch(effectOf(options), options.service),
});

function effectOf({ does, code = 'UNAVAILABLE' }: Watch): WatchEffect {
  if (does === 'silent') return { effect: 'silence' };
  const name = does === 'error' ? code : 'UNIMPLEMENTED';
  return { effect: 'end', code: statusCode(name), details: 'ended by health-watch' };
}
