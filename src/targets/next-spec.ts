/**
 * `next:` of a tier: whom its backends call before they answer, and how they behave as a client.
 *
 * Only Say is passed on, the one call with one request and one reply: streams end at the tier that they
 * reach. The call is grpc-js's on either kind of server, with its retries, balancer and channel.
 */
import { z } from 'zod';
import { positiveDuration } from '../base/units.js';
import { clientContradictions } from '../drivers/client-contradictions.js';
import { clientSpecOf } from '../drivers/client-schema.js';
import { clientShape } from '../drivers/client-shape.js';
import type { ClientSpec } from '../drivers/spec.js';

/** How much time a call to the next tier has. */
export type NextDeadline =
  /** What is left of the call that it is made for. */
  | { readonly kind: 'propagated' }
  /** Its own, whatever is left, in ns. */
  | { readonly kind: 'fresh'; readonly ns: number }
  | { readonly kind: 'none' };

export interface NextSpec {
  /** Name of the tier that is called. */
  readonly tier: string;
  readonly deadline: NextDeadline;
  /**
   * What becomes of a call to the next tier when the call that it is made for is over, cancelled or past
   * its deadline: absent, it is cancelled; `finish`: it is made all the same, and goes on.
   */
  readonly onExpired?: 'finish';
  /** The backend as a client. */
  readonly client: ClientSpec;
}

/** `propagated`, `none`, or the time of a deadline of its own. */
const deadline = z.any().transform((value: unknown, context): NextDeadline => {
  if (value === 'propagated' || value === 'none') return { kind: value };
  const time = positiveDuration().safeParse(value);
  if (time.success) return { kind: 'fresh', ns: time.data };
  const message = 'a deadline is propagated, none, or a time such as 200ms';
  context.issues.push({ code: 'custom', message, input: value });
  return z.NEVER;
});

/** Of what `client:` has, what a backend has as a client too. */
const clientKeys = clientShape.pick({
  channels: true,
  balancer: true,
  retryPolicy: true,
  hedgingPolicy: true,
  retryThrottling: true,
  serviceConfig: true,
  rawServiceConfig: true,
  waitForReady: true,
  connectBackoff: true,
  maxReceiveMessageSize: true,
  maxSendMessageSize: true,
  compression: true,
  metadata: true,
  tls: true,
  keepalive: true,
  options: true,
}).shape;

export const nextSchema = z
  .strictObject({
    tier: z.string(),
    deadline: deadline.prefault('propagated'),
    onExpired: z.enum(['stop', 'finish']).default('stop'),
    ...clientKeys,
  })
  .superRefine(({ tier: _, deadline: _own, ...client }, context) => {
    for (const mistake of clientContradictions({ ...NOT_OFFERED, ...client })) {
      context.addIssue({ code: 'custom', ...mistake });
    }
  })
  .transform(({ tier, deadline: chosen, onExpired, ...client }): NextSpec => {
    const { chain: _, ...spec } = clientSpecOf({ ...NOT_OFFERED, ...client });
    return {
      tier,
      deadline: chosen,
      ...(onExpired === 'finish' ? { onExpired } : {}),
      client: spec,
    };
  });

/** What `client:` has besides. */
const NOT_OFFERED = { driver: 'grpc-js', connections: 1 } as const;
