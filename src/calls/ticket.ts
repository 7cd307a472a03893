/**
 * A ticket follows one call from the moment it was due to its end, and tells its owner of everything
 * that happens to it. One object a call, mutable, made for the hot path.
 */

import type { AttemptKind } from '../metrics/record.js';
import type { AttemptWord, CallSample } from './call-sample.js';

export type { AttemptKind } from '../metrics/record.js';

/** Whoever counts. All times are ns on the load clock. */
export interface CallOwner {
  /** The load clock. */
  now(): number;
  /** Zero of the load clock on the monotonic clock, in ns. */
  readonly zeroNs: number;
  /** Whether further attempts that the client's policy makes are hedges rather than retries. */
  readonly hedges: boolean;
  /**
   * Of a call that a backend makes for another call: which attempts led to it (`base/call-id.ts`). Absent
   * when all were first ones, and of loads.
   */
  readonly upstream?: number;
  /**
   * It has to wait for a stream: the server's limit is reached, or a connection is being made. At
   * most once a call. `waiting`: calls of the driver that wait now, this one with them.
   */
  callQueued?(ticket: CallTicket, waiting: number): void;
  /** @param connection its number in this thread; given where the ticket has a sample. */
  attemptStarted(ticket: CallTicket, backend: string, kind: AttemptKind, connection?: number): void;
  /** @param word what the client heard besides; given where the ticket has a sample. */
  attemptEnded(
    ticket: CallTicket,
    backend: string,
    code: number,
    durationNs: number,
    word?: AttemptWord,
  ): void;
  /**
   * The call ended with a status, at a moment of the load clock: whoever sees the end has read the
   * clock already, and reading it costs as much as sending a call. Called once.
   */
  callEnded(ticket: CallTicket, code: number, endNs: number): void;
}

/** Whatever can be told to give a call up. */
export interface Cancellable {
  cancel(): void;
}

export class CallTicket {
  readonly owner: CallOwner;
  /** Number of the call in its load's schedule. */
  readonly ordinal: number;
  readonly dueNs: number;
  /** Index of the phase in which it was due. */
  readonly phase: number;
  /** When it was handed to the driver. */
  sentNs = 0;
  /** Its place among the owner's open calls. */
  slot = 0;
  /** Set when the run is over and the call is cut off: its status is then ours, not the server's. */
  abandoned = false;
  /** Set when its own load cancels it because it was told to: an end of CANCELLED is no failure then. */
  withdrawn = false;
  /** Its stream accepts no writes now: kept by whoever counts. */
  stalled = false;
  /** Set once it has a status. */
  ended = false;
  /** Where it is written down what happens to it; absent of most calls. */
  sample: CallSample | undefined;
  /** What carries it: ends it early. Set by the driver. */
  carrier: Cancellable | undefined;
  private previousAttemptsMax = -1;

  constructor(owner: CallOwner, ordinal: number, dueNs: number, phase: number) {
    this.owner = owner;
    this.ordinal = ordinal;
    this.dueNs = dueNs;
    this.phase = phase;
  }

  /** Ends it early. */
  cancel(): void {
    this.carrier?.cancel();
  }

  /** Ends it early as part of the load: see `withdrawn`. */
  withdraw(): void {
    this.withdrawn = true;
    this.cancel();
  }

  /**
   * What kind of attempt the one is that declares so many previous ones (gRFC A6: a transparent
   * retry is not counted in `grpc-previous-rpc-attempts`, so it repeats a number already seen).
   */
  nextAttemptKind(previousAttempts: number): AttemptKind {
    const repeated = previousAttempts <= this.previousAttemptsMax;
    this.previousAttemptsMax = Math.max(this.previousAttemptsMax, previousAttempts);
    if (repeated) return 'transparent';
    if (previousAttempts === 0) return 'first';
    return this.owner.hedges ? 'hedge' : 'retry';
  }
}
