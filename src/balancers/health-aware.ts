/**
 * `health-aware`: client-side health checking (gRFC A17) around another balancer.
 *
 * On the connection to each endpoint it keeps a Watch of the standard health service open; what that
 * says decides whether the balancer inside is shown the endpoint. This file holds the rules, as data
 * about what was heard; a driver keeps the calls.
 *
 *     connected ──► unknown ──first reply──► healthy ◄──► unhealthy     the connection stays
 *     (not shown: CONNECTING)                (READY)      (TRANSIENT_FAILURE)
 *
 * Attempts that are in flight are never touched, and recovery needs no new connection.
 */
import { z } from 'zod';
import type { CatalogueEntry } from '../base/catalogue.js';
import type { ServingStatus } from '../base/serving-status.js';
import { statusCode } from '../base/status.js';

/** Its child is a whole balancer or policy again, read as such where it is put to use. */
export const healthAware = {
  kind: 'health-aware',
  summary: 'Any balancer but pick_first, on those endpoints that say they are SERVING (gRFC A17).',
  schema: z.strictObject({
    /** A balancer, as under `client.balancer`. */
    child: z.any().default('round_robin'),
    /** Whose health; "" is the whole server. Absent: as `healthCheckConfig` says, or "". */
    service: z.string().optional(),
  }),
} satisfies CatalogueEntry;

/** How an endpoint that is connected is shown to the balancer inside. */
export type Health = 'unknown' | 'healthy' | 'unhealthy';

/** What a message of the Watch says: anything but SERVING takes no attempts. */
export function healthOfReply(status: ServingStatus): Health {
  return status === 'SERVING' ? 'healthy' : 'unhealthy';
}

const UNIMPLEMENTED = statusCode('UNIMPLEMENTED');

/** What the end of the Watch says, whatever its status. */
export interface WatchEnd {
  readonly health: Health;
  /** Whether it is tried again, after a backoff that any message resets. */
  readonly isTriedAgain: boolean;
}

/**
 * A server without health checking counts as healthy, and is not asked again on this connection; any
 * other end, OK too, leaves the endpoint unhealthy until a new Watch says otherwise.
 * @param code of its status.
 */
export function healthOfEnd(code: number): WatchEnd {
  return code === UNIMPLEMENTED
    ? { health: 'healthy', isTriedAgain: false }
    : { health: 'unhealthy', isTriedAgain: true };
}
