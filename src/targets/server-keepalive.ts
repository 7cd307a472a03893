/**
 * `targets.keepalive`: how a server finds out clients that are gone (gRFC A9), and how often it lets
 * clients do the same (gRFC A8).
 */
import type { ServerOptions } from '@grpc/grpc-js';
import { z } from 'zod';
import { NS_PER_MS } from '../base/clock.js';
import { positiveDuration } from '../base/units.js';
import type { KeepaliveTimes } from '../http2/keepalive.js';
import type { PingAllowance } from '../http2/ping-policy.js';
import type { ServerKind } from './spec.js';

export interface ServerKeepalive {
  /** Its own pings; absent: none. */
  readonly pings?: KeepaliveTimes;
  /** What it allows its clients; absent: as many as they like. The wire server only. */
  readonly allows?: PingAllowance;
}

/** gRPC's default. */
const TIMEOUT_NS = 20e9;

const shape = z.strictObject({
  /** From one answer to the server's next ping. */
  time: positiveDuration().optional(),
  /** A connection whose client has not answered by then is closed. */
  timeout: positiveDuration().optional(),
  /** Who pings more often than this is sent away with GOAWAY too_many_pings. */
  minTime: positiveDuration().optional(),
  /** Whether clients may ping while they have no calls; otherwise once in two hours. */
  permitWithoutCalls: z.boolean().optional(),
});

export const serverKeepaliveSchema = shape
  .refine(({ time, minTime }) => time !== undefined || minTime !== undefined, {
    message: 'it needs a time, for pings of its own, or a minTime, for those of its clients',
  })
  .refine(({ time, timeout }) => time !== undefined || timeout === undefined, {
    message: 'a timeout goes with a time',
    path: ['timeout'],
  })
  .refine(
    ({ minTime, permitWithoutCalls }) => minTime !== undefined || permitWithoutCalls === undefined,
    { message: 'permitWithoutCalls goes with a minTime', path: ['permitWithoutCalls'] },
  )
  .transform(({ time, timeout = TIMEOUT_NS, minTime, permitWithoutCalls = false }) => ({
    ...(time !== undefined && {
      pings: { timeNs: time, timeoutNs: timeout, withoutStreams: true },
    }),
    ...(minTime !== undefined && {
      allows: { minTimeNs: minTime, withoutStreams: permitWithoutCalls },
    }),
  }));

/** What a kind of server cannot do of it, as an issue of the schema of all targets. */
export function keepaliveIssue(server: ServerKind, keepalive: ServerKeepalive | undefined) {
  if (server !== 'grpc-js' || keepalive?.allows === undefined) return undefined;
  return {
    code: 'custom' as const,
    path: ['keepalive', 'minTime'],
    message: 'the grpc-js server lets clients ping as often as they like (as of 1.14.7)',
    params: { hint: 'use server: wire' },
  };
}

/** The same for grpc-js, in whole milliseconds. */
export function grpcJsKeepalive({ pings }: ServerKeepalive): ServerOptions {
  if (pings === undefined) return {};
  return {
    'grpc.keepalive_time_ms': Math.ceil(pings.timeNs / NS_PER_MS),
    'grpc.keepalive_timeout_ms': Math.ceil(pings.timeoutNs / NS_PER_MS),
  };
}
