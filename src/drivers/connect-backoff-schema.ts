/**
 * `client.connectBackoff`: how long an address is left alone after a connection to it failed, for both drivers
 * (the gRPC documentation, doc/connection-backoff.md).
 *
 * Where gRPC has a channel argument for it, it becomes that; multiplier and jitter have none, and are grpc-js's
 * own: only the wire driver's can be changed.
 */
import { z } from 'zod';
import { NS_PER_MS } from '../base/clock.js';
import { positiveDuration, share } from '../base/units.js';
import type { ClientSpec } from './spec.js';
import { BACKOFF_JITTER, BACKOFF_MULTIPLIER } from './wire/connection-backoff.js';

export const connectBackoffSchema = z
  .strictObject({
    /** After the first failure. */
    initial: positiveDuration().optional(),
    maximum: positiveDuration().optional(),
    /** Each wait is so many times the one before. */
    multiplier: z.number().min(1).max(100).default(BACKOFF_MULTIPLIER),
    /** Of each wait, up or down. */
    jitter: share().default(BACKOFF_JITTER),
  })
  .refine(({ initial = 0, maximum = Infinity }) => !(maximum < initial), {
    message: 'the maximum is below the initial backoff',
    path: ['maximum'],
  });

interface Client {
  readonly driver: ClientSpec['driver'];
  readonly connectBackoff?: z.output<typeof connectBackoffSchema> | undefined;
  readonly options: ClientSpec['channelOptions'];
}

const OPTIONS = {
  initial: 'grpc.initial_reconnect_backoff_ms',
  maximum: 'grpc.max_reconnect_backoff_ms',
} as const;

type Part = keyof typeof OPTIONS;
const PARTS = Object.keys(OPTIONS) as Part[];

/** What is said twice, or what the driver has not. */
export function connectBackoffMistakes({ driver, connectBackoff, options }: Client) {
  if (connectBackoff === undefined) return [];
  const twice = PARTS.filter((part) => connectBackoff[part] && OPTIONS[part] in options).map(
    (part) => ({
      path: ['connectBackoff', part],
      message: `give connectBackoff.${part} or options "${OPTIONS[part]}", not both`,
    }),
  );
  if (driver === 'wire') return twice;
  const own = { multiplier: BACKOFF_MULTIPLIER, jitter: BACKOFF_JITTER };
  const beyond = (['multiplier', 'jitter'] as const)
    .filter((part) => connectBackoff[part] !== own[part])
    .map((part) => ({
      path: ['connectBackoff', part],
      message: `the ${part} of grpc-js is its own: ${own[part]}`,
      params: { hint: 'leave it out, or use driver: wire' },
    }));
  return [...twice, ...beyond];
}

/** That part of a client's spec, the other channel arguments with it. */
export function connectBackoffSpec({ connectBackoff, options }: Client): Partial<ClientSpec> {
  if (connectBackoff === undefined) return {};
  const { multiplier, jitter } = connectBackoff;
  const given = PARTS.flatMap((part): [string, number][] => {
    const ns = connectBackoff[part];
    return ns === undefined ? [] : [[OPTIONS[part], Math.ceil(ns / NS_PER_MS)]];
  });
  const isOwn = multiplier === BACKOFF_MULTIPLIER && jitter === BACKOFF_JITTER;
  return {
    channelOptions: { ...options, ...Object.fromEntries(given) },
    ...(isOwn ? {} : { connectBackoff: { multiplier, jitter } }),
  };
}
