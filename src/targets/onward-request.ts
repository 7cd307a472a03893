/**
 * What of an attempt on grpc-js its call to the next tier is made of, gathered as it comes: the metadata
 * first, then the message, and when its service is over the rest.
 */
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js';
import { REMAINING_KEY } from '../interceptors/deadline-propagation.js';
import type { Onward } from './attempt-work.js';
import type { Arrival, CallHost } from './call-host.js';
import type { NextTier } from './next-tier.js';

// grpc-js does not export this type by name.
type MethodDefinition = Parameters<ServerInterceptor>[0];

export interface GatheredOnward extends Onward {
  /** The request came. */
  take(message: unknown): void;
}

/** @returns undefined for a call that is not passed on: streams end at the tier that they reach. */
export function onwardOf(
  next: NextTier,
  { requestStream, responseStream }: MethodDefinition,
  metadata: Metadata,
  { call, dueNs }: Arrival,
  now: CallHost['now'],
): GatheredOnward | undefined {
  if (requestStream || responseStream) return undefined;
  const [room] = metadata.get('room');
  const budgetEndNs = now() + remainingNs(metadata);
  let message: Buffer = Buffer.alloc(0);
  return {
    next,
    take(received) {
      message = received as Buffer;
    },
    call: ({ deadlineNs, ...rest }) =>
      next.call({
        ...rest,
        message,
        room: room === undefined ? undefined : String(room),
        call,
        dueNs,
        deadlineNs: Math.min(deadlineNs, budgetEndNs),
      }),
  };
}

/** What the interceptor `deadline-propagation` leaves to the call, where there is one. */
function remainingNs(metadata: Metadata): number {
  const [remainingUs] = metadata.get(REMAINING_KEY);
  const us = remainingUs === undefined ? Number.NaN : Number(remainingUs);
  return us >= 0 ? us * 1e3 : Number.POSITIVE_INFINITY;
}
