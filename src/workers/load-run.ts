/**
 * One load on one worker: starts its calls when they are due, follows them to their end, counts.
 *
 * Open loop: the next due time never depends on a reply. Closed loop: so many slots, each starting
 * its next call when the last one ended. Either way at most `inFlightMax` calls are open; an open
 * loop counts what is due beyond that as missed.
 */

import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivals } from '../arrivals/index.js';
import { type DueCall, scheduleOf, shardOf } from '../arrivals/shard.js';
import { entryOf } from '../base/catalogue.js';
import { NS_PER_MS, NS_PER_SECOND } from '../base/clock.js';
import { sampleChoice } from '../base/sample-choice.js';
import { STATUS_OK, statusCode } from '../base/status.js';
import { WaitingTime } from '../base/waiting-time.js';
import type { AnyCallKind, CallContext, MessageCounter, OpenCall } from '../calls/call.js';
import { type AttemptWord, CallSample } from '../calls/call-sample.js';
import { calls } from '../calls/index.js';
import { type AttemptKind, type CallOwner, CallTicket } from '../calls/ticket.js';
import { LoadRecorder } from '../metrics/load-recorder.js';
import { KeptSamples } from './kept-samples.js';
import { OpenTime } from './open-time.js';
import type { LoadSpec, PhaseWindow } from './spec.js';

const CANCELLED = statusCode('CANCELLED');
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
  /** Share of the calls that chance chooses to be written down; none when absent. */
  readonly sampleShare?: number | undefined;
  /** Whether every call is written down, for the slowest to be told: where a call costs much more. */
  readonly samplesAll?: boolean | undefined;
  readonly now: CallContext['now'];
  /** Zero of the load clock on the monotonic clock, in ns. */
  readonly zeroNs: number;
  readonly at: CallContext['at'];
  readonly channel: CallContext['channel'];
}

export class LoadRun implements CallOwner {
  readonly recorder: LoadRecorder;
  readonly samples: KeptSamples;
  readonly hedges: boolean;
  readonly now: () => number;
  readonly zeroNs: number;
  private readonly spec: LoadSpec;
  private readonly environment: LoadEnvironment;
  private readonly longLived: boolean;
  private readonly isChosen: (ordinal: number) => boolean;
  private readonly samplesAll: boolean;
  private readonly startCall: (ticket: CallTicket, slot: number) => OpenCall;
  /** The open calls by their slots, and what was made for each; a call takes the slot freed last. */
  private readonly tickets: (CallTicket | undefined)[] = [];
  private readonly openCalls: (OpenCall | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  private openCount = 0;
  /** Streams that accept no writes. */
  private readonly stalls: WaitingTime;
  private readonly openTime: OpenTime;
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
    this.zeroNs = environment.zeroNs;
    this.stalls = new WaitingTime(environment.now);
    this.nextOrdinal = environment.worker;
    const phases = environment.phases.map((phase) => phase.name);
    this.recorder = new LoadRecorder(spec.name, phases);
    this.samples = new KeptSamples(spec.name, phases);
    this.isChosen = sampleChoice(environment.seed, environment.sampleShare ?? 0);
    this.samplesAll = environment.samplesAll ?? false;
    this.openTime = new OpenTime(environment.phases.length);
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
    return this.openCount;
  }

  /**
   * Everything counted since the last call, and forgets it. Streams that are stalled now are counted up
   * to now, in the phase that is going on.
   */
  take(nowNs = this.now()): ReturnType<LoadRecorder['take']> {
    const { ns } = this.stalls.take();
    if (ns > 0) this.recorder.streamStalled(this.phaseAt(nowNs), ns);
    return this.recorder.take((phase) => this.openTime.take(phase, nowNs));
  }

  /** Begins the load; the load clock is about to pass zero. */
  begin(): void {
    const { spec, environment } = this;
    const kind = entryOf<ArrivalKind>(arrivals, spec.arrivals.kind);
    if (kind.loop === 'closed') {
      this.refill = true;
      const slots = shareOf(kind.inFlight(spec.arrivals.options), environment);
      environment.at(0, () => {
        for (let slot = 0; slot < slots; slot++) this.startNext(this.now());
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
    for (const call of this.openCalls) call?.finish();
  }

  /** Cuts off what is still open. Their status, when it comes, is not the server's. */
  abandon(): void {
    for (const ticket of this.tickets) {
      if (ticket === undefined) continue;
      ticket.abandoned = true;
      ticket.cancel();
    }
  }

  callQueued(ticket: CallTicket, waiting: number): void {
    this.recorder.callQueued(ticket.phase, waiting);
  }

  attemptStarted(
    ticket: CallTicket,
    backend: string,
    kind: AttemptKind,
    connection?: number,
  ): void {
    this.recorder.attemptStarted(ticket.phase, backend, kind);
    if (ticket.sample === undefined) return;
    ticket.sample.started(kind, backend, this.now(), connection);
  }

  attemptEnded(
    ticket: CallTicket,
    backend: string,
    code: number,
    durationNs: number,
    word?: AttemptWord,
  ): void {
    this.recorder.attemptEnded(ticket.phase, backend, code, durationNs);
    if (ticket.sample === undefined) return;
    const endNs = this.now();
    ticket.sample.ended(backend, endNs - durationNs, endNs, code, word);
  }

  callEnded(ticket: CallTicket, code: number, endNs: number): void {
    const { slot } = ticket;
    if (this.tickets[slot] !== ticket) throw new Error(`call ${ticket.ordinal} ended twice`);
    this.tickets[slot] = undefined;
    this.openCalls[slot] = undefined;
    this.openCount--;
    if (!this.longLived) this.openTime.closed(ticket.phase, endNs);
    this.freeSlots.push(slot);
    this.resumed(ticket);
    const isWithdrawn = ticket.withdrawn && code === CANCELLED;
    if (ticket.abandoned) this.recorder.callAbandoned(ticket.phase);
    else if (isWithdrawn) this.recorder.callWithdrawn(ticket.phase, code);
    else this.recordEnd(ticket, code, endNs);
    if (!this.longLived && !isWithdrawn && this.samples.wants(ticket, endNs)) {
      this.samples.keep(ticket, ticket.abandoned ? undefined : code, endNs);
    }
    if (!this.refill || this.stopped) return;
    if (this.longLived && code !== STATUS_OK && !isWithdrawn) {
      this.environment.at(endNs + REOPEN_NS, (_dueNs, nowNs) => this.startNext(nowNs));
    } else {
      this.startNext(endNs);
    }
  }

  private recordEnd({ phase, dueNs, sentNs }: CallTicket, code: number, endNs: number): void {
    if (this.longLived) this.recorder.streamEnded(phase, code);
    else {
      const { deadlineNs } = this.spec;
      this.recorder.callEnded(phase, code, endNs - dueNs, endNs - sentNs, deadlineNs);
    }
  }

  /** Open loop: starts each call of the schedule when it is due, however late that turns out. */
  private follow(schedule: Iterator<DueCall, void>): void {
    let next = schedule.next();
    const send = (dueNs: number, nowNs: number) => {
      if (this.stopped || next.done) return;
      this.offer(next.value.ordinal, dueNs, nowNs);
      next = schedule.next();
      if (!next.done) this.environment.at(next.value.dueNs, send);
    };
    if (!next.done) this.environment.at(next.value.dueNs, send);
  }

  /** Closed loop: the next call is due now. */
  private startNext(nowNs: number): void {
    if (this.stopped || nowNs >= this.environment.durationNs) return;
    const ordinal = this.nextOrdinal;
    this.nextOrdinal += this.environment.workers;
    this.offer(ordinal, nowNs, nowNs);
  }

  private offer(ordinal: number, dueNs: number, nowNs: number): void {
    const phase = this.phaseAt(dueNs);
    this.recorder.callOffered(phase);
    const isOver = nowNs > this.environment.durationNs + OVERTIME_NS;
    if (isOver || this.openCount >= this.inFlightMax) {
      this.recorder.callMissed(phase);
      return;
    }
    const ticket = new CallTicket(this, ordinal, dueNs, phase);
    if (!this.longLived) {
      const isChosen = this.isChosen(ordinal);
      if (isChosen || this.samplesAll) ticket.sample = new CallSample(isChosen);
    }
    const slot = this.freeSlots.pop() ?? this.openCount;
    ticket.slot = slot;
    ticket.sentNs = nowNs;
    this.recorder.callStarted(phase, this.refill ? undefined : nowNs - dueNs);
    this.openCount++;
    if (!this.longLived) this.openTime.opened(phase, nowNs);
    this.tickets[slot] = ticket;
    this.openCalls[slot] = this.startCall(ticket, slot);
  }

  /** The phase that a moment lies in; what is before the first or after the last counts with it. */
  private phaseAt(ns: number): number {
    const { phases } = this.environment;
    let index = phases.length - 1;
    while (index > 0 && ns < (phases[index]?.fromNs ?? 0)) index--;
    return index;
  }

  private resumed(ticket: CallTicket): void {
    if (!ticket.stalled) return;
    ticket.stalled = false;
    this.stalls.end();
  }

  private messageCounter(): MessageCounter {
    const { recorder } = this;
    return {
      due: (dueNs, sent) => recorder.messageDue(this.phaseAt(dueNs), sent),
      received: (dueNs, nowNs) => recorder.messageReceived(this.phaseAt(dueNs), nowNs - dueNs),
      receivedSlowly: (dueNs, nowNs) =>
        recorder.slowMessageReceived(this.phaseAt(dueNs), nowNs - dueNs),
      stalled: (ticket) => {
        // A refused write may be the last thing that a call does.
        if (ticket.stalled || ticket.ended) return;
        ticket.stalled = true;
        this.stalls.begin();
      },
      resumed: (ticket) => this.resumed(ticket),
      buffered: (bytes) => recorder.streamBuffered(this.phaseAt(this.now()), bytes),
    };
  }
}

/** A worker's part of a number that is shared by all: they add up to it exactly. */
function shareOf(total: number, { worker, workers }: LoadEnvironment): number {
  return Math.floor(total / workers) + (worker < total % workers ? 1 : 0);
}
