/**
 * What an interceptor is: something that every call passes on its way, on the client, on the server or
 * on both, and that may look at it, change it, hold it back or end it.
 *
 * They are gRPC's own: each kind makes an interceptor as grpc-js takes it, so that what a chain costs
 * here is what it costs anywhere. Messages are passed as octets on the client; nothing decodes them.
 */
import type * as grpc from '@grpc/grpc-js';
import type { z } from 'zod';
import type { CatalogueEntry } from '../base/catalogue.js';
import type { NowNs } from '../base/clock.js';
import type { Rng } from '../base/rng.js';
import type { LoggedCall } from '../metrics/call-log.js';

/** Which end of a call. On the server an interceptor sees attempts, on the client whole calls. */
export type Side = 'client' | 'server';

/** What an interceptor is given to work with; one for each place in a chain. */
export interface InterceptorContext {
  /** Its name in the chain: its kind, `metrics`, or `metrics#2` for the second of a kind. */
  readonly name: string;
  readonly side: Side;
  /** The run's: what follows from it alone is the same on both sides, and on every worker. */
  readonly seed: number;
  /** A sequence of its own, on each worker and each backend, from the seed. */
  readonly random: Rng;
  /** Monotonic. */
  readonly now: NowNs;
  /** gRPC's library, for interceptors that cannot import it from where they are. */
  readonly grpc: typeof grpc;
  /** Counts a call that ended, for the record. @param method `/chat.ChatService/Say` */
  count(method: string, code: number, durationNs: number): void;
  /** Counts something that it did to a call, in a few words that are the same each time. */
  countEvent(method: string, event: string): void;
  /**
   * Puts a call into the log of the run.
   * @param perIntervalMax as many of an interval are kept; what comes after them is dropped.
   */
  log(call: LoggedCall, perIntervalMax: number): void;
}

export interface InterceptorKind<Options> extends CatalogueEntry {
  readonly schema: z.ZodType<Options>;
  /** What is wrong with its options on one side; undefined: nothing. */
  mistake?(options: Options, side: Side): string | undefined;
  /** Made once for each worker; absent: it cannot be used on the client. */
  client?(options: Options, context: InterceptorContext): grpc.Interceptor;
  /** Made once for each backend; absent: it cannot be used on the server. */
  server?(options: Options, context: InterceptorContext): grpc.ServerInterceptor;
}

// biome-ignore lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type AnyInterceptorKind = InterceptorKind<any>;

/** Keeps an entry's option types inferred. */
export const defineInterceptor = <Options>(kind: InterceptorKind<Options>) => kind;

/** Where a kind can be used. */
export function sidesOf(kind: AnyInterceptorKind): Side[] {
  return (['client', 'server'] as const).filter((side) => kind[side] !== undefined);
}

/** One place of a chain as it stands in a plan. */
export interface InterceptorSpec {
  /** Unique in its chain: `metrics`, `metrics#2`. */
  readonly name: string;
  readonly kind: string;
  /** The kind's own options, parsed; plain data. */
  readonly options: unknown;
}

// grpc-js does not export these types by name.
export type ServerCall = Parameters<grpc.ServerInterceptor>[1];
export type ServerStatus = Parameters<ServerCall['sendStatus']>[0];
