/** `client.keepalive`: how a client finds out connections that are dead (gRFC A8), for every driver. */
import type { ChannelOptions } from '@grpc/grpc-js';
import { z } from 'zod';
import { NS_PER_MS } from '../base/clock.js';
import { positiveDuration } from '../base/units.js';
import type { KeepaliveTimes } from '../http2/keepalive.js';

/** gRPC's default. */
export const KEEPALIVE_TIMEOUT_NS = 20e9;

export const keepaliveSchema = z
  .strictObject({
    /** From one ping's answer to the next ping. */
    time: positiveDuration(),
    /** A connection whose peer has not answered by then is given up. */
    timeout: positiveDuration().default(KEEPALIVE_TIMEOUT_NS),
    /** Also while there are no calls. */
    permitWithoutCalls: z.boolean().default(false),
  })
  .transform(
    ({ time, timeout, permitWithoutCalls }): KeepaliveTimes => ({
      timeNs: time,
      timeoutNs: timeout,
      withoutStreams: permitWithoutCalls,
    }),
  );

export const KEEPALIVE_OPTIONS = [
  'grpc.keepalive_time_ms',
  'grpc.keepalive_timeout_ms',
  'grpc.keepalive_permit_without_calls',
] as const;

/** The same for grpc-js, in whole milliseconds. */
export function keepaliveOptions(times: KeepaliveTimes | undefined): ChannelOptions {
  if (times === undefined) return {};
  return {
    'grpc.keepalive_time_ms': Math.ceil(times.timeNs / NS_PER_MS),
    'grpc.keepalive_timeout_ms': Math.ceil(times.timeoutNs / NS_PER_MS),
    'grpc.keepalive_permit_without_calls': times.withoutStreams ? 1 : 0,
  };
}
