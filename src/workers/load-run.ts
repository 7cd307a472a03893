/**
 * One load on one worker: starts its calls when they are due, follows them to their end, counts.
 *
 * Open loop: the next due time never depends on a reply. Closed loop: so many slots, each starting
 * its next call when the last one ended. Either way at most `inFlightMax` calls are open; an open
 * loop counts what is due beyond that as missed.
 */

import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivals } from '../arrivals/index.js';
import { scheduleOf, shardOf } from '../arrivals/shard.js';
import { entryOf } from '../base/catalogue.js';
import { NS_PER_MS, NS_PER_SECOND } from '../base/clock.js';
import { STATUS_OK } from '../base/status.js';
import type { AnyCallKind, CallContext, MessageCounter, OpenCall } from '../calls/call.js';
import { calls } from '../calls/index.js';
import { type AttemptKind, type CallOwner, CallTicket } from '../calls/ticket.js';
import { LoadRecorder } from '../metrics/load-recorder.js';
import type { LoadSpec, PhaseWindow } from './spec.js';

/** A long-lived call that failed is opened again after this long, so that a dead server is not spun on. */
const REOPEN_NS = 250 * NS_PER_MS;

/**
 * A generator that is behind at the end of the load goes on sending what was due for this long; what it
 * could not send by then is missed. Else a hopeless one would go on for ever.
 */
const OVERTIME_NS = NS_PER_SECOND;

/** What a load needs of its worker. */
export interface LoadEnvironment {
  readonly worker: number;
  readonly workers: number;
  readonly seed: number;
  readonly durationNs: number;
  readonly phases: readonly PhaseWindow[];
  readonly hedges: boolean;
  readonly now: CallContext['now'];
  readonly at: CallContext['at'];
  readonly channel: CallContext['channel'];
}

export class LoadRun implements CallOwner, Disposable {
  readonly recorder: LoadRecorder;
  readonly hedges: boolean;
  readonly now: () => number;
  private readonly spec: LoadSpec;
  private readonly environment: LoadEnvironment;
  private readonly longLived: boolean;
  private readonly startCall: (ticket: CallTicket, slot: number) => OpenCall;
  private readonly open = new Map<CallTicket, { slot: number; call: OpenCall }>();
  /** Places of the open calls among each other; a call takes the lowest that is free. */
  private readonly freeSlots: number[] = [];
  private readonly inFlightMax: number;
  /** Closed loop: whether a call that ended is followed by the next. */
  private refill = false;
  private nextOrdinal: number;
  private stopped = false;

  constructor(spec: LoadSpec, environment: LoadEnvironment) {
    this.spec = spec;
    this.environment = environment;
    this.hedges = environment.hedges;
    this.now = environment.now;
    this.nextOrdinal = environment.worker;
    this.recorder = new LoadRecorder(
      spec.name,
      environment.phases.map((phase) => phase.name),
    );
    this.inFlightMax = shareOf(spec.inFlightMax, environment);
    const kind = entryOf<AnyCallKind>(calls, spec.call.kind);
    this.longLived = kind.longLived;
    this.startCall = kind.prepare(spec.call.options, {
      seed: environment.seed,
      load: spec.name,
      worker: environment.worker,
      now: environment.now,
      at: environment.at,
      channel: environment.channel,
      deadlineNs: spec.deadlineNs,
      messages: this.messageCounter(),
    });
  }

  /** Calls that are open now. */
  get inFlight(): number {
    return this.open.size;
  }

  /** Begins the load; the load clock is about to pass zero. */
  begin(): void {
    const { spec, environment } = this;
    const kind = entryOf<ArrivalKind>(arrivals, spec.arrivals.kind);
    if (kind.loop === 'closed') {
      this.refill = true;
      const slots = shareOf(kind.inFlight(spec.arrivals.options), environment);
      environment.at(0, () => {
        for (let slot = 0; slot < slots; slot++) this.startNext();
      });
      return;
    }
    const { worker, workers, seed, durationNs } = environment;
    const schedule = scheduleOf(kind, spec.arrivals.options, seed, spec.name);
    this.follow(shardOf(schedule, worker, workers, durationNs));
  }

  /** Starts nothing more; long-lived calls are asked to end. */
  stop(): void {
    this.stopped = true;
    for (const { call } of this.open.values()) call.finish();
  }

  /** Cuts off what is still open. Their status, when it comes, is not the server's. */
  abandon(): void {
    for (const ticket of this.open.keys()) {
      ticket.abandoned = true;
      ticket.cancel();
    }
  }

  attemptStarted(ticket: CallTicket, backend: string, kind: AttemptKind): void {
    this.recorder.attemptStarted(ticket.phase, backend, kind);
  }

  attemptEnded(ticket: CallTicket, backend: string, code: number, durationNs: number): void {
    this.recorder.attemptEnded(ticket.phase, backend, code, durationNs);
  }

  callEnded(ticket: CallTicket, code: number): void {
    const entry = this.open.get(ticket);
    if (entry === undefined) throw new Error(`call ${ticket.ordinal} ended twice`);
    this.open.delete(ticket);
    this.freeSlots.push(entry.slot);
    if (ticket.abandoned) this.recorder.callAbandoned(ticket.phase);
    else this.recordEnd(ticket, code);
    if (!this.refill || this.stopped) return;
    if (this.longLived && code !== STATUS_OK) {
      this.environment.at(this.now() + REOPEN_NS, () => this.startNext());
    } else {
      this.startNext();
    }
  }

  [Symbol.dispose](): void {
    this.recorder.destroy();
  }

  private recordEnd(ticket: CallTicket, code: number): void {
    const endNs = this.now();
    const durations = {
      latencyNs: endNs - ticket.dueNs,
      serviceTimeNs: endNs - ticket.sentNs,
    };
    this.recorder.callEnded(ticket.phase, {
      code,
      deadlineNs: this.spec.deadlineNs,
      ...(this.longLived ? {} : { durations }),
    });
  }

  /** Open loop: starts each call of the schedule when it is due, however late that turns out. */
  private follow(schedule: Iterator<{ ordinal: number; dueNs: number }, void>): void {
    const next = schedule.next();
    if (next.done) return;
    const { ordinal, dueNs } = next.value;
    this.environment.at(dueNs, () => {
      if (this.stopped) return;
      this.offer(ordinal, dueNs);
      this.follow(schedule);
    });
  }

  /** Closed loop: the next call is due now. */
  private startNext(): void {
    const nowNs = this.now();
    if (this.stopped || nowNs >= this.environment.durationNs) return;
    const ordinal = this.nextOrdinal;
    this.nextOrdinal += this.environment.workers;
    this.offer(ordinal, nowNs);
  }

  private offer(ordinal: number, dueNs: number): void {
    const phase = this.phaseAt(dueNs);
    this.recorder.callOffered(phase);
    const nowNs = this.now();
    const isOver = nowNs > this.environment.durationNs + OVERTIME_NS;
    if (isOver || this.open.size >= this.inFlightMax) {
      this.recorder.callMissed(phase);
      return;
    }
    const ticket = new CallTicket(this, ordinal, dueNs, phase);
    const slot = this.freeSlots.pop() ?? this.open.size;
    ticket.sentNs = nowNs;
    this.recorder.callStarted(phase, this.refill ? undefined : ticket.sentNs - dueNs);
    this.open.set(ticket, { slot, call: this.startCall(ticket, slot) });
  }

  /** The phase that a moment lies in; what is before the first or after the last counts with it. */
  private phaseAt(ns: number): number {
    const { phases } = this.environment;
    let index = phases.length - 1;
    while (index > 0 && ns < (phases[index]?.fromNs ?? 0)) index--;
    return index;
  }

  private messageCounter(): MessageCounter {
    const { recorder } = this;
    return {
      due: (dueNs, sent) => recorder.messageDue(this.phaseAt(dueNs), sent),
      received: (dueNs) => recorder.messageReceived(this.phaseAt(dueNs), this.now() - dueNs),
      stalled: (durationNs) => recorder.streamStalled(this.phaseAt(this.now()), durationNs),
      buffered: (bytes) => recorder.streamBuffered(this.phaseAt(this.now()), bytes),
    };
  }
}

/** A worker's part of a number that is shared by all: they add up to it exactly. */
function shareOf(total: number, { worker, workers }: LoadEnvironment): number {
  return Math.floor(total / workers) + (worker < total % workers ? 1 : 0);
}
