/** `disc-error`: name resolution fails, with a status in place of addresses. */
import { z } from 'zod';
import { STATUS_NAMES, type StatusName, statusCode } from '../base/status.js';
import { defineDiscoveryFault, discoveryEnvelope } from './fault.js';

/** What fails with OK did not fail. */
type ErrorName = Exclude<StatusName, 'OK'>;
const ERROR_NAMES = STATUS_NAMES.filter((name): name is ErrorName => name !== 'OK');

interface Failure {
  readonly code: ErrorName;
  readonly message: string;
}

export const discError = defineDiscoveryFault({
  kind: 'disc-error',
  summary: 'Lets name resolution fail with a status, at its start and whenever a client asks.',
  layers: ['resolver'],
  exercises: 'the loss of name resolution while the backends are well',
  correctClient:
    'Goes on with the last good list and its connections as if nothing had happened; only one that ' +
    'never had a list fails its calls, with this status, or INTERNAL where the code is not one for ' +
    'the control plane (gRFC A54).',
  acts: 'discovery',
  changes: 'answered',
  schema: z.strictObject({
    ...discoveryEnvelope,
    code: z.enum(ERROR_NAMES).default('UNAVAILABLE'),
    message: z.string().default('failed by disc-error'),
  }),
  tells: () => true,
  start: ({ code, message }: Failure, host) => host.fail(statusCode(code), message),
});
