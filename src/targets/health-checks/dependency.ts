/**
 * `dependency`: a server that needs another one is as healthy as that is. It watches the other's
 * health over gRPC, as any client would.
 *
 *   the other        this one
 *   ─────────        ─────────────────────────────────
 *   no answer yet    UNKNOWN
 *   SERVING          SERVING, when it has been for `hold`
 *   anything else    NOT_SERVING; a lost connection too
 */
import { z } from 'zod';
import type { ServingStatus } from '../../base/serving-status.js';
import { duration } from '../../base/units.js';
import { type CheckedServer, defineHealthCheck, healthCheckEnvelope } from './health-check.js';

export const DEPENDENCY = 'dependency';

export interface Dependency {
  readonly on: string;
  readonly service: string;
  /** ns */
  readonly hold: number;
}

export const dependency = defineHealthCheck({
  kind: DEPENDENCY,
  summary: 'NOT_SERVING while another backend, by its own health service, is not SERVING.',
  schema: z.strictObject({
    ...healthCheckEnvelope,
    /** Name of the other backend. Without `backends`, all but itself depend on it. */
    on: z.string(),
    /** What of the other's is watched; empty for the whole server. */
    service: z.string().default(''),
    /** For how long the other must be SERVING again. */
    hold: duration().default(0),
  }),
  initial: 'UNKNOWN',
  start: startDependency,
});

function startDependency({ on, service, hold }: Dependency, server: CheckedServer): () => void {
  let hasFailed = false;
  let cancel = () => {};
  const well = () => {
    hasFailed = false;
    server.find('SERVING', `${on} is SERVING`);
  };
  const heard = (status: ServingStatus) => {
    cancel();
    if (status !== 'SERVING') {
      hasFailed = true;
      server.find('NOT_SERVING', `${on} is ${status === 'UNKNOWN' ? 'lost or UNKNOWN' : status}`);
    } else if (hasFailed && hold > 0) cancel = server.callAt(server.now() + hold, well);
    else well();
  };
  const stop = server.watch(on, service, heard);
  return () => {
    stop();
    cancel();
  };
}
