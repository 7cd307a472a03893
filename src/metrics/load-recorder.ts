/**
 * What a worker counts while it drives load: preallocated counters and histograms, one cell for each
 * load and phase, read out and reset once per interval. Nothing is kept per call.
 */
import {
  STATUS_COUNT,
  STATUS_OK,
  type StatusCounts,
  type StatusName,
  statusName,
} from '../base/status.js';
import { DurationCounts } from './duration-counts.js';
import type { EncodedHistogram } from './histogram.js';
import type { AttemptCell, CallCell, StreamCell } from './record.js';

/** Counts by status code. */
class CodeCounter {
  private readonly counts = new Uint32Array(STATUS_COUNT);

  add(code: number): void {
    // A number that is no code means UNKNOWN (gRPC core, doc/statuscodes.md).
    const known = code >= 0 && code < STATUS_COUNT ? code : 2;
    this.counts[known] = (this.counts[known] ?? 0) + 1;
  }

  take(): StatusCounts {
    const taken: Partial<Record<StatusName, number>> = {};
    for (let code = 0; code < STATUS_COUNT; code++) {
      const count = this.counts[code] ?? 0;
      if (count > 0) taken[statusName(code)] = count;
    }
    this.counts.fill(0);
    return taken;
  }
}

/** Optional histograms as the optional fields of a cell: absent when nothing was recorded. */
function taken<Name extends string>(
  histograms: Record<Name, DurationCounts>,
): Partial<Record<Name, EncodedHistogram>> {
  const fields: Partial<Record<Name, EncodedHistogram>> = {};
  for (const name of Object.keys(histograms) as Name[]) {
    const encoded = histograms[name].take();
    if (encoded !== undefined) fields[name] = encoded;
  }
  return fields;
}

/** Calls of one load that were due in one phase. */
class CallCounter {
  offered = 0;
  started = 0;
  missed = 0;
  completed = 0;
  good = 0;
  abandoned = 0;
  queued = 0;
  queuedMax = 0;
  withdrawn = 0;
  readonly codes = new CodeCounter();
  readonly histograms = {
    latency: new DurationCounts(),
    serviceTime: new DurationCounts(),
    lateness: new DurationCounts(),
    overshoot: new DurationCounts(),
  };

  /** @param openNs of these calls, since it was last taken; 0 of long-lived ones. */
  take(load: string, phase: string, openNs: number): CallCell | undefined {
    const { offered, started, missed, completed, good, abandoned, queued, queuedMax } = this;
    const cancelledOnPurpose = this.withdrawn;
    const counted = offered + started + missed + completed + abandoned + queued;
    if (counted + openNs === 0) return undefined;
    this.offered = this.started = this.missed = this.completed = this.good = this.abandoned = 0;
    this.queued = this.queuedMax = this.withdrawn = 0;
    return {
      load,
      phase,
      offered,
      started,
      missed,
      completed,
      good,
      abandoned,
      ...(queued === 0 ? {} : { queued, queuedMax }),
      ...(cancelledOnPurpose === 0 ? {} : { cancelledOnPurpose }),
      byCode: this.codes.take(),
      ...(openNs === 0 ? {} : { openNs }),
      ...taken(this.histograms),
    };
  }
}

/** Attempts on one backend for one load's calls due in one phase. */
class AttemptCounter {
  first = 0;
  retry = 0;
  transparent = 0;
  hedge = 0;
  ended = 0;
  readonly codes = new CodeCounter();
  readonly histograms = { latency: new DurationCounts() };

  take(load: string, phase: string, backend: string): AttemptCell | undefined {
    const { first, retry, transparent, hedge, ended } = this;
    if (first + retry + transparent + hedge + ended === 0) return undefined;
    this.first = this.retry = this.transparent = this.hedge = this.ended = 0;
    return {
      load,
      phase,
      backend,
      first,
      retries: retry,
      transparent,
      hedges: hedge,
      byCode: this.codes.take(),
      ...taken(this.histograms),
    };
  }
}

/** Messages on one load's streams that were due in one phase. */
class StreamCounter {
  offered = 0;
  sent = 0;
  received = 0;
  receivedSlowly = 0;
  stallNs = 0;
  bufferedBytesMax = 0;
  readonly histograms = {
    messageLatency: new DurationCounts(),
    slowMessageLatency: new DurationCounts(),
  };

  take(load: string, phase: string): StreamCell | undefined {
    const { offered, sent, received, receivedSlowly, stallNs, bufferedBytesMax } = this;
    if (offered + received + receivedSlowly + stallNs === 0) return undefined;
    this.offered = this.sent = this.received = this.stallNs = this.bufferedBytesMax = 0;
    this.receivedSlowly = 0;
    return {
      load,
      phase,
      messagesOffered: offered,
      messagesSent: sent,
      messagesMissed: offered - sent,
      messagesReceived: received,
      writeStallNs: Math.round(stallNs),
      bufferedBytesMax,
      ...(receivedSlowly === 0 ? {} : { slowMessagesReceived: receivedSlowly }),
      ...taken(this.histograms),
    };
  }
}

/** The kinds of attempt, as the counters name them. */
export type CountedAttempt = 'first' | 'retry' | 'transparent' | 'hedge';

/** Everything that one worker counts of one load. Phases are given by their index. */
export class LoadRecorder {
  private readonly calls: CallCounter[];
  private readonly streams: StreamCounter[];
  private readonly attempts = new Map<string, AttemptCounter[]>();
  /** The backend asked for last, and its counters: looking one up costs as much as counting. */
  private lastBackend: string | undefined;
  private lastCounters: AttemptCounter[] = [];
  private readonly load: string;
  private readonly phases: readonly string[];

  constructor(load: string, phases: readonly string[]) {
    this.load = load;
    this.phases = phases;
    this.calls = phases.map(() => new CallCounter());
    this.streams = phases.map(() => new StreamCounter());
  }

  callOffered(phase: number): void {
    at(this.calls, phase).offered++;
  }

  callMissed(phase: number): void {
    at(this.calls, phase).missed++;
  }

  /** @param latenessNs from due to send; undefined in a closed loop, where it has no meaning. */
  callStarted(phase: number, latenessNs: number | undefined): void {
    const cell = at(this.calls, phase);
    cell.started++;
    if (latenessNs !== undefined) cell.histograms.lateness.record(latenessNs);
  }

  /** A long-lived call ended: its length is no latency. */
  streamEnded(phase: number, code: number): void {
    const cell = at(this.calls, phase);
    cell.completed++;
    cell.codes.add(code);
    if (code === STATUS_OK) cell.good++;
  }

  /**
   * A call ended.
   * @param latencyNs from due to end.
   * @param serviceTimeNs from send to end.
   * @param deadlineNs from send; undefined when it had none.
   */
  callEnded(
    phase: number,
    code: number,
    latencyNs: number,
    serviceTimeNs: number,
    deadlineNs: number | undefined,
  ): void {
    const cell = at(this.calls, phase);
    cell.completed++;
    cell.codes.add(code);
    cell.histograms.latency.record(latencyNs);
    cell.histograms.serviceTime.record(serviceTimeNs);
    if (code === STATUS_OK && (deadlineNs === undefined || latencyNs <= deadlineNs)) cell.good++;
    if (deadlineNs !== undefined && serviceTimeNs > deadlineNs) {
      cell.histograms.overshoot.record(serviceTimeNs - deadlineNs);
    }
  }

  /** A call ended because its own load cancelled it: how long it took says nothing. */
  callWithdrawn(phase: number, code: number): void {
    const cell = at(this.calls, phase);
    cell.completed++;
    cell.withdrawn++;
    cell.codes.add(code);
  }

  callAbandoned(phase: number): void {
    at(this.calls, phase).abandoned++;
  }

  /** @param waiting calls that wait for a stream now, this one with them. */
  callQueued(phase: number, waiting: number): void {
    const cell = at(this.calls, phase);
    cell.queued++;
    if (waiting > cell.queuedMax) cell.queuedMax = waiting;
  }

  attemptStarted(phase: number, backend: string, kind: CountedAttempt): void {
    this.attemptCounter(phase, backend)[kind]++;
  }

  attemptEnded(phase: number, backend: string, code: number, durationNs: number): void {
    const cell = this.attemptCounter(phase, backend);
    cell.ended++;
    cell.codes.add(code);
    cell.histograms.latency.record(durationNs);
  }

  messageDue(phase: number, sent: boolean): void {
    const cell = at(this.streams, phase);
    cell.offered++;
    if (sent) cell.sent++;
  }

  messageReceived(phase: number, latencyNs: number): void {
    const cell = at(this.streams, phase);
    cell.received++;
    cell.histograms.messageLatency.record(latencyNs);
  }

  /** As `messageReceived`, at a receiver that is meant to be slow. */
  slowMessageReceived(phase: number, latencyNs: number): void {
    const cell = at(this.streams, phase);
    cell.receivedSlowly++;
    cell.histograms.slowMessageLatency.record(latencyNs);
  }

  streamStalled(phase: number, durationNs: number): void {
    at(this.streams, phase).stallNs += durationNs;
  }

  streamBuffered(phase: number, bytes: number): void {
    const cell = at(this.streams, phase);
    if (bytes > cell.bufferedBytesMax) cell.bufferedBytesMax = bytes;
  }

  /**
   * Everything counted since the last call, and forgets it. Cells in which nothing happened are left out.
   * @param openNs for how long calls due in a phase were open altogether, since the last call.
   */
  take(openNs: (phase: number) => number = () => 0): {
    calls: CallCell[];
    attempts: AttemptCell[];
    streams: StreamCell[];
  } {
    const present = <Cell>(cells: readonly (Cell | undefined)[]): Cell[] =>
      cells.filter((cell) => cell !== undefined);
    const { load, phases } = this;
    return {
      calls: present(
        phases.map((name, phase) => at(this.calls, phase).take(load, name, openNs(phase))),
      ),
      streams: present(phases.map((name, phase) => at(this.streams, phase).take(load, name))),
      attempts: present(
        [...this.attempts].flatMap(([backend, counters]) =>
          phases.map((name, phase) => at(counters, phase).take(load, name, backend)),
        ),
      ),
    };
  }

  private attemptCounter(phase: number, backend: string): AttemptCounter {
    if (backend === this.lastBackend) return at(this.lastCounters, phase);
    let counters = this.attempts.get(backend);
    if (counters === undefined) {
      counters = this.phases.map(() => new AttemptCounter());
      this.attempts.set(backend, counters);
    }
    this.lastBackend = backend;
    this.lastCounters = counters;
    return at(counters, phase);
  }
}

/** The element at an index that the plan has made sure of. */
function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`no phase ${index} of ${items.length}`);
  return item;
}
