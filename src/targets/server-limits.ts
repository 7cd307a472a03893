/**
 * What a server allows its clients: how many streams a connection may have, how large a message may be,
 * and how old a connection may get.
 */
import type { ServerOptions } from '@grpc/grpc-js';
import { z } from 'zod';
import { NS_PER_MS } from '../base/clock.js';
import { positiveDuration, size, windowSize } from '../base/units.js';

/** All absent: the server's own defaults, and connections that live as long as their clients. */
export interface ServerLimits {
  /** SETTINGS_MAX_CONCURRENT_STREAMS (RFC 9113 §6.5.2). */
  readonly streamsMax?: number | undefined;
  /** What a client may send on a stream before it is read; absent: 1 MiB. Only of the wire server. */
  readonly streamWindowBytes?: number | undefined;
  /** Largest request message in octets; beyond it RESOURCE_EXHAUSTED. */
  readonly messageBytesMax?: number | undefined;
  /** A connection of this age is told to go; a tenth more or less, by chance (gRFC A9). */
  readonly connectionAgeNs?: number | undefined;
  /** What is still open so long after that is cut off; absent: nothing is. */
  readonly connectionAgeGraceNs?: number | undefined;
}

/** How they are written, among the keys of `targets:`. */
export const limitKeys = {
  maxConcurrentStreams: z.int().min(1).max(2_147_483_647).optional(),
  maxMessageSize: size().optional(),
  streamWindow: windowSize().optional(),
  maxConnectionAge: positiveDuration().optional(),
  maxConnectionAgeGrace: positiveDuration().optional(),
};

type Written = z.output<z.ZodObject<typeof limitKeys>>;

/** @returns undefined when nothing is limited. */
export function limitsOf(targets: Written): ServerLimits | undefined {
  const limits: ServerLimits = {
    ...(targets.maxConcurrentStreams !== undefined && { streamsMax: targets.maxConcurrentStreams }),
    ...(targets.maxMessageSize !== undefined && { messageBytesMax: targets.maxMessageSize }),
    ...(targets.streamWindow !== undefined && { streamWindowBytes: targets.streamWindow }),
    ...(targets.maxConnectionAge !== undefined && { connectionAgeNs: targets.maxConnectionAge }),
    ...(targets.maxConnectionAgeGrace !== undefined && {
      connectionAgeGraceNs: targets.maxConnectionAgeGrace,
    }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** The same for grpc-js. */
export function grpcJsLimits(limits: ServerLimits): ServerOptions {
  const { streamsMax, messageBytesMax, connectionAgeNs, connectionAgeGraceNs } = limits;
  return {
    ...(streamsMax !== undefined && { 'grpc.max_concurrent_streams': streamsMax }),
    ...(messageBytesMax !== undefined && { 'grpc.max_receive_message_length': messageBytesMax }),
    ...(connectionAgeNs !== undefined && {
      'grpc.max_connection_age_ms': Math.ceil(connectionAgeNs / NS_PER_MS),
    }),
    ...(connectionAgeGraceNs !== undefined && {
      'grpc.max_connection_age_grace_ms': Math.ceil(connectionAgeGraceNs / NS_PER_MS),
    }),
  };
}

/** A connection whose age is limited. */
export interface AgingConnection {
  /** Takes no more calls, and closes when those that it has are over. */
  drain(): void;
  /** Ends at once. */
  destroy(): void;
}

const JITTER = 0.1;

/**
 * Limits a connection's age.
 * @param random uniform in [0, 1).
 * @returns forgets it; to be called when the connection is gone.
 */
export function limitAge(
  connection: AgingConnection,
  { connectionAgeNs, connectionAgeGraceNs }: ServerLimits,
  random: () => number,
): () => void {
  if (connectionAgeNs === undefined) return () => {};
  const ageMs = (connectionAgeNs / NS_PER_MS) * (1 + JITTER * (2 * random() - 1));
  let timer = setTimeout(() => {
    connection.drain();
    if (connectionAgeGraceNs === undefined) return;
    timer = setTimeout(() => connection.destroy(), connectionAgeGraceNs / NS_PER_MS);
  }, ageMs);
  return () => clearTimeout(timer);
}
