/**
 * What is done for one attempt between its last message and its answer, whatever transport brought it:
 *
 *   serve ──► line ──► service ──► next tier, where there is one ──► answer
 *
 * When nobody waits for the answer any more it is given up, where a backend does so, unless it persists
 * (`rpc-ignore-cancel`). Faults are told that the attempt is over when nothing is done for it either.
 */
import { STATUS_OK } from '../base/status.js';
import type { AbortEffect } from '../faults/call-effect.js';
import type { Arrival, CallHost, Service } from './call-host.js';
import { failureOf, type NextTier, type OnwardCall, type OnwardRequest } from './next-tier.js';

/** Whom an attempt is passed on to, and how. */
export interface Onward {
  readonly next: NextTier;
  /** Calls it. */
  call(rest: Pick<OnwardRequest, 'deadlineNs' | 'persists' | 'ended'>): OnwardCall;
}

/** The attempt that it is done for. */
export interface WorkedFor {
  /** Nobody waits for the answer any more: it is sent, or the client is gone. */
  readonly isOver: boolean;
  /** On the monotonic clock; Infinity without one. */
  readonly deadlineNs: number;
  /** Undefined: it ends at this tier. */
  onward(): Onward | undefined;
  /** All is done. @param abort what is answered in place of the reply. */
  answer(abort: AbortEffect | undefined): void;
}

export class AttemptWork {
  readonly #host: CallHost;
  readonly #arrival: Arrival;
  readonly #attempt: WorkedFor;
  #persists = false;
  /** While it is in line, in service or with the next tier. */
  #service: Service | undefined;
  #abort: AbortEffect | undefined;

  constructor(host: CallHost, arrival: Arrival, attempt: WorkedFor) {
    this.#host = host;
    this.#arrival = arrival;
    this.#attempt = attempt;
  }

  /** Is done to its end whoever waits for it, for as long as the fault that says so lasts. */
  persist(): void {
    this.#persists = true;
    this.#arrival.tie?.onFaultOver(() => {
      this.#persists = false;
      if (!this.#attempt.isOver) return;
      this.abandon();
      this.untie();
    });
  }

  /** Is done, and then answered like this. */
  endWith(abort: AbortEffect): void {
    this.#abort = abort;
  }

  /** Gives the attempt its service, and what comes after it. @returns false when the line is full. */
  serve(): boolean {
    const { call, sample } = this.#arrival;
    const attempt = this.#attempt;
    let isServed = false;
    const service = this.#host.serve(call, {
      deadlineNs: attempt.deadlineNs,
      isGone: () => attempt.isOver,
      persists: () => this.#persists,
      finished: (fromNs, toNs) => {
        isServed = true;
        this.#service = undefined;
        sample?.served(fromNs, toNs);
        this.passOn();
      },
    });
    if (service === undefined) return false;
    if (!isServed) this.#service = service;
    return true;
  }

  /** What comes after the service. */
  passOn(): void {
    const attempt = this.#attempt;
    const onward = attempt.onward();
    if (onward === undefined) {
      this.#answer();
      return;
    }
    if (attempt.isOver && !this.#persists && !onward.next.finishes) return;
    this.#service = onward.call({
      deadlineNs: attempt.deadlineNs,
      persists: () => this.#persists,
      ended: (code) => {
        this.#service = undefined;
        if (attempt.isOver && code === STATUS_OK) this.#host.counters.outlived();
        if (code !== STATUS_OK) this.#abort ??= failureOf(onward.next, code);
        this.#answer();
      },
    });
  }

  /** Nobody waits for it any more. */
  abandon(): void {
    this.#service?.abandon();
  }

  /** The attempt is over; so it is for faults, unless the work goes on. */
  untie(): void {
    if (this.#persists && this.#service !== undefined) return;
    this.#arrival.tie?.over();
  }

  #answer(): void {
    const attempt = this.#attempt;
    if (attempt.isOver && !this.#persists) return;
    attempt.answer(this.#abort);
    if (this.#persists && attempt.isOver) this.untie();
  }
}
