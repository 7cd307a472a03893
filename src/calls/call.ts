/**
 * What a kind of call is: what one unit of load does, once the schedule says that it is due.
 */
import type { z } from 'zod';
import type { CatalogueEntry } from '../base/catalogue.js';
import type { NowNs } from '../base/clock.js';
import type { CallChannel } from './channel.js';
import type { CallTicket } from './ticket.js';

/** What a call is given to work with; one per load and worker. */
export interface CallContext {
  readonly seed: number;
  /** The load's name. */
  readonly load: string;
  readonly worker: number;
  /** The load clock. */
  readonly now: NowNs;
  /** Runs something at a time of the load clock. */
  at(dueNs: number, run: (dueNs: number, nowNs: number) => void): void;
  /** The channel for the next call. */
  channel(): CallChannel;
  /** Deadline of each call, from its send, in ns; undefined: none. */
  readonly deadlineNs: number | undefined;
  /** Where messages on streams are counted. */
  readonly messages: MessageCounter;
}

/** Counts messages on long-lived streams, each under the phase in which it was due. */
export interface MessageCounter {
  /** A message was due at `dueNs`, and was sent or, where the stream did not take it, missed. */
  due(dueNs: number, sent: boolean): void;
  /** A message due at `dueNs` arrived at one receiver at `nowNs`. */
  received(dueNs: number, nowNs: number): void;
  /** As `received`, at a receiver that reads slowly because the load says so. */
  receivedSlowly(dueNs: number, nowNs: number): void;
  /** A call's stream accepts no writes from now on; until it is resumed, or over. */
  stalled(ticket: CallTicket): void;
  /** It accepts writes again. */
  resumed(ticket: CallTicket): void;
  /** A stream holds so many bytes that it could not hand on yet. */
  buffered(bytes: number): void;
}

/** A call that was started. */
export interface OpenCall {
  /** Ends it in an orderly way, when the load is over. A call that ends by itself has nothing to do. */
  finish(): void;
}

/** Options that do not go together. */
export interface Contradiction {
  /** The option that is pointed at. */
  readonly option: string;
  readonly message: string;
}

export interface CallKind<Shape extends z.ZodRawShape> extends CatalogueEntry {
  /** Its own options; what every load has (name, arrivals, deadline …) is added to them. */
  readonly schema: z.ZodObject<Shape, z.core.$strict>;
  /** What is wrong with options of which each alone is right; undefined: nothing. */
  contradiction?(options: z.output<z.ZodObject<Shape, z.core.$strict>>): Contradiction | undefined;
  /**
   * Whether one call lasts as long as the load: its duration is then no latency, it has no deadline
   * unless one is given, and another is opened when it ends early.
   */
  readonly longLived: boolean;
  /** Makes what starts calls: `slot` is the place of the call among those open at once, from 0. */
  prepare(
    options: z.output<z.ZodObject<Shape, z.core.$strict>>,
    context: CallContext,
  ): (ticket: CallTicket, slot: number) => OpenCall;
}

// biome-ignore lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type AnyCallKind = CallKind<any>;

export const defineCall = <Shape extends z.ZodRawShape>(kind: CallKind<Shape>) => kind;
