/**
 * The RunRecord: everything that was measured, one line of `record.ndjson` each.
 *
 * It is the boundary between measuring and judging. Workers and targets fill it while the run goes
 * on; analysis reads it back, now or years later, on this machine or another, and needs nothing
 * else. Every line is a **delta** over its interval, so lines add up: over time, over workers, over
 * shards of a run on several machines.
 *
 * Times are nanoseconds on the load clock (0 = the variant's first phase began) unless named
 * otherwise. A call, and every attempt and message made for it, belongs to the phase in which it was
 * **due**, whenever it ended; a server's counts belong to the interval in which they were counted.
 */
import type { ServingStatus } from '../base/serving-status.js';
import type { StatusCounts, StatusName } from '../base/status.js';
import type { CallLogLine } from './call-log.js';
import type { EncodedHistogram } from './histogram.js';

export const RECORD_SCHEMA = 'squall/record@1';

/** The first line: which run this is, and where it was made. */
export interface RunLine {
  readonly type: 'run';
  readonly schema: typeof RECORD_SCHEMA;
  readonly id: string;
  readonly scenario: string;
  readonly seed: number;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly host: Host;
}

export interface Host {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly os: string;
  /** Version of @grpc/grpc-js; absent in older records. */
  readonly grpcJs?: string;
}

/** A variant began; the lines up to the next such line are about it. */
export interface VariantLine {
  readonly type: 'variant';
  readonly variant: string;
  /** Unix time of the load clock's zero, in ms: what the interval log's times are relative to. */
  readonly zeroUnixMs: number;
  /** Each backend's name and the address that it really listened on; of all tiers, the front one first. */
  readonly backends: readonly RecordedBackend[];
  /** The one address that clients know, where a proxy balances. */
  readonly proxy?: { readonly address: string };
}

export interface RecordedBackend {
  readonly name: string;
  readonly address: string;
  /** The proxy's address before it, by which clients know it. */
  readonly via?: string;
}

/**
 * What happened to the calls of one load that were due in one phase, during one interval. A chat
 * stream is one call, counted here; it has no latency, since it lasts as long as it is told to.
 */
export interface CallCell {
  /** Name of the load. */
  readonly load: string;
  readonly phase: string;
  /** Calls that the schedule said were due (closed loop: that were started). */
  readonly offered: number;
  readonly started: number;
  /** Calls that were due and not sent: the in-flight limit was reached, or the load was over. */
  readonly missed: number;
  /** Calls that ended with a status. */
  readonly completed: number;
  /** Calls that ended OK and, where there is a deadline, within it of their due time. */
  readonly good: number;
  /** Calls still open when the load was over and cut off by us; they have no status. */
  readonly abandoned: number;
  /**
   * Calls that had to wait for a stream: the server's limit was reached, or a connection was being
   * made. Absent when there were none, or the driver cannot tell.
   */
  readonly queued?: number;
  /** Most calls of one worker that waited at once. Does not add up: the largest counts. */
  readonly queuedMax?: number;
  /** Calls that their load cancelled because it is told to; in `completed`, and no failures. Absent: 0. */
  readonly cancelledOnPurpose?: number;
  readonly byCode: StatusCounts;
  /** From due time to end. */
  readonly latency?: EncodedHistogram;
  /** From actual send to end. */
  readonly serviceTime?: EncodedHistogram;
  /** From due time to actual send. */
  readonly lateness?: EncodedHistogram;
  /** Calls that ended after their deadline: by how much. */
  readonly overshoot?: EncodedHistogram;
  /** Time that they were open, in ns: their number, added up over time. Absent of long-lived calls. */
  readonly openNs?: number;
}

/** The attempts made on one backend for one load's calls due in one phase, during one interval. */
export interface AttemptCell {
  readonly load: string;
  readonly phase: string;
  /** `host:port` as the client knew it. */
  readonly backend: string;
  readonly first: number;
  readonly retries: number;
  readonly transparent: number;
  readonly hedges: number;
  readonly byCode: StatusCounts;
  /** From the attempt's start to its end. */
  readonly latency?: EncodedHistogram;
}

/** Messages on long-lived streams that were due in one phase, during one interval. */
export interface StreamCell {
  readonly load: string;
  readonly phase: string;
  /** Messages that the schedule said were due. */
  readonly messagesOffered: number;
  readonly messagesSent: number;
  /** Messages due that were not sent, because the stream was closed or not writable. */
  readonly messagesMissed: number;
  /** At receivers that read as fast as they can. */
  readonly messagesReceived: number;
  /** From a message's due time to its arrival at one such receiver; one value per delivery. */
  readonly messageLatency?: EncodedHistogram;
  /** The same at receivers that read slowly because the load says so (`slowReaders`). Absent: none. */
  readonly slowMessagesReceived?: number;
  readonly slowMessageLatency?: EncodedHistogram;
  /** Time during which a stream did not accept writes, summed over streams. */
  readonly writeStallNs: number;
  /** Most bytes that one stream had accepted and not yet handed to the transport. */
  readonly bufferedBytesMax: number;
}

/**
 * Calls of one method that an interceptor counted, during one interval: on a client whole calls, on a
 * server attempts. They are counted when they end.
 */
export interface InterceptorCell {
  /** Its name in its chain: `metrics`, `metrics#2`. */
  readonly interceptor: string;
  /** `/chat.ChatService/Say` */
  readonly method: string;
  readonly byCode: StatusCounts;
  /** From passing the interceptor to the end. */
  readonly duration?: EncodedHistogram;
  /** What it did to calls, when it did it; absent when nothing: `retry`, `no retry: budget`. */
  readonly events?: Readonly<Record<string, number>>;
}

/**
 * Send windows at zero while there was something to send: how often, and how long, summed. Only the
 * wire driver and the wire server know.
 */
export interface WindowCounts {
  readonly streamsStopped: number;
  readonly streamsStoppedNs: number;
  readonly connectionsStopped: number;
  readonly connectionsStoppedNs: number;
}

/** How the generator itself fared in one interval. */
export interface GeneratorSample {
  /** CPU time of the worker thread ÷ wall time; absent where the system does not tell. */
  readonly cpuShare?: number;
  /** Share of the interval in which the worker's event loop was busy (Node's utilization). */
  readonly loopBusyShare: number;
  /** Delays of the event loop, in ns. */
  readonly eventLoopDelay?: EncodedHistogram;
}

/** One worker's interval. */
export interface LoadLine {
  readonly type: 'load';
  readonly variant: string;
  readonly worker: number;
  readonly fromNs: number;
  readonly toNs: number;
  readonly calls: readonly CallCell[];
  readonly attempts: readonly AttemptCell[];
  readonly streams: readonly StreamCell[];
  readonly generator: GeneratorSample;
  /** Absent where no interceptor counted. */
  readonly interceptors?: readonly InterceptorCell[];
  /** What the worker's clients asked name resolution; absent where no fault acts on it. */
  readonly discovery?: DiscoveryCounts;
  /** Absent where the driver cannot tell. */
  readonly windows?: WindowCounts;
  /** Calls open at the end of the interval. */
  readonly inFlight: number;
  /** Single calls that ended in the interval: the slowest, and some by chance. Absent without any. */
  readonly samples?: readonly SampledCall[];
}

/** One call, as its client saw it. Times are µs from when it was due. */
export interface SampledCall {
  readonly load: string;
  readonly phase: string;
  /** Its number in its load's schedule. */
  readonly call: number;
  /** On the load clock, rounded down, as the servers are told. */
  readonly dueUs: number;
  /** One of the slowest of its interval, or by hash of its number (`base/sample-choice.ts`). */
  readonly by: 'time' | 'chance';
  readonly sentUs: number;
  /** When the response headers were there; absent where nobody looked, or none came. */
  readonly headersUs?: number;
  readonly endUs: number;
  /** Absent when it was still open at the end of the run and was cut off. */
  readonly status?: StatusName;
  /** In the order of their starts; absent where the driver does not follow every call. */
  readonly attempts?: readonly SampledAttempt[];
}

/** One attempt of a sampled call. Times are µs from when the call was due. */
export interface SampledAttempt {
  readonly kind: AttemptKind;
  /** Address of the backend. */
  readonly backend: string;
  /** Number of the connection in its worker: the same number, the same connection. */
  readonly connection?: number;
  readonly startUs: number;
  /** Absent while it was open: of a hedge that lost, when its call had ended. */
  readonly endUs?: number;
  readonly status?: StatusName;
  /** The status message, cut short. */
  readonly details?: string;
  /** What the server reset its stream with, by name (RFC 9113 §7); absent when it did not. */
  readonly resetCode?: string;
  /** What the server said of when to try again (gRFC A6), verbatim. */
  readonly pushback?: string;
}

/** One attempt of a call chosen by chance, as a server saw it. Times are on the load clock. */
export interface ServedSample {
  /** As of `SampledCall`. */
  readonly call: number;
  readonly dueUs: number;
  readonly previousAttempts: number;
  readonly receivedNs: number;
  /** When its service began and was over; absent where it got none. */
  readonly serviceFromNs?: number;
  readonly serviceToNs?: number;
  /** When it was answered, or given up by the client: no status then. */
  readonly endNs: number;
  readonly status?: StatusName;
}

/** What was sent for a call: the first try, a retry by policy, a transparent retry, a hedge. */
export type AttemptKind = 'first' | 'retry' | 'transparent' | 'hedge';

/** What clients asked name resolution, and what they were told. */
export interface DiscoveryCounts {
  /** Times that a client asked, its first time with the others. */
  readonly asked: number;
  /** Times that a client was told something, asked or not. */
  readonly told: number;
}

/** One backend's interval, as the server saw it. */
export interface TargetLine {
  readonly type: 'target';
  readonly variant: string;
  /** The backend's name. */
  readonly backend: string;
  readonly fromNs: number;
  readonly toNs: number;
  readonly counts: TargetCounts;
  /** Attempts that ended in the interval, of calls chosen by chance. Absent without any. */
  readonly samples?: readonly ServedSample[];
}

/** Counts of one backend over one interval. Health and reflection calls are not in them. */
export interface TargetCounts {
  /** Attempts received, by the number of previous attempts they declared: `{ "0": 40, "1": 3 }`. */
  readonly receivedByPreviousAttempts: Readonly<Record<string, number>>;
  /** Attempts answered by the server with a status. */
  readonly answeredByCode: StatusCounts;
  /** Attempts that the client cancelled, or whose deadline passed, before they were answered. */
  readonly cancelled: number;
  /** Requests refused because the queue was full. */
  readonly shed: number;
  /** Requests whose deadline had passed before their service began. */
  readonly wasted: number;
  /** Slots in service × time, of services that go on, too. */
  readonly busyNs: number;
  /** The whole service time of requests whose service ended in the interval. */
  readonly servedNs: number;
  /** The part of it that was for requests which nobody waited for any more, at the end of it. */
  readonly wastedNs: number;
  readonly queueLengthMax: number;
  /** Time between arrival and start of service. */
  readonly queueTime?: EncodedHistogram;
  /**
   * Calls to the next tier that ended OK when the attempt that they were made for was over, and nobody
   * waited for them. Absent when there were none.
   */
  readonly outlived?: number;
  /** Chat messages taken in, and handed on to members of their rooms. */
  readonly messagesReceived: number;
  readonly messagesDelivered: number;
  /** Chat messages dropped because their reader was too slow, and readers disconnected for it. */
  readonly messagesDropped?: number;
  readonly readersDisconnected?: number;
  /** Most messages that waited for one reader, and most bytes. */
  readonly outboxMessagesMax?: number;
  readonly outboxBytesMax?: number;
  /** The same for all readers of the backend together: what its memory holds of them. */
  readonly heldMessagesMax?: number;
  readonly heldBytesMax?: number;
  /** Time during which a reader's stream accepted no message, summed over readers. */
  readonly readersBlockedNs?: number;
  /** Policy `wait`: times that a sender had to wait for a reader, and how long, summed over senders. */
  readonly sendersStopped?: number;
  readonly sendersStoppedNs?: number;
  readonly healthChecks: number;
  readonly healthWatchers: number;
  /** By fault id: attempts that it looked at, and that it hit. */
  readonly faults: Readonly<Record<string, FaultCounts>>;
  /** Connections accepted, whoever made them. */
  readonly connections?: number;
  /**
   * Attempts received while the server said of a name ("" is all of it, or its service) that it was not
   * serving: by that name, the time since it began to say so. Absent where there were none.
   */
  readonly unhealthyArrivals?: Readonly<Record<string, EncodedHistogram>>;
  /** CPU time of the backend's process, all of it. */
  readonly cpuNs?: number;
  /** Absent where the server cannot tell. */
  readonly windows?: WindowCounts;
  /** Absent where no interceptor counted. */
  readonly interceptors?: readonly InterceptorCell[];
}

export interface FaultCounts {
  readonly seen: number;
  readonly hit: number;
  /**
   * Order-independent fingerprint of which first attempts were hit: the sum of a hash of each call's
   * number, modulo 2^32. Two runs that hit the same calls have the same; one call more or less differs,
   * and one that is hit twice (a transparent retry declares no attempt before it) does not cancel out.
   */
  readonly hitFirstSum: number;
  readonly hitFirst: number;
  readonly seenFirst: number;
}

/** The interval of the proxy that stands between the load and the backends. */
export interface ProxyLine {
  readonly type: 'proxy';
  readonly variant: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** CPU time of the proxy's process; absent where the system does not tell. */
  readonly cpuNs?: number;
  /** Absent of a program that others wrote, and of one that sees octets only. */
  readonly counts?: ProxyCounts;
  /** Of one that sees octets only. */
  readonly octets?: OctetProxyCounts;
}

/** What a proxy counts that hands octets on and sees nothing in them. */
export type OctetProxyCounts = Pick<
  ProxyCounts,
  'connectionsAccepted' | 'upstreamsLost' | 'faults'
>;

/** What servers said of their health, by status, as often as they said it. */
export type HealthAnswers = Readonly<Partial<Record<ServingStatus, number>>>;

/** What one backend was given by a proxy, and what it answered. */
export interface BackendCalls {
  readonly calls: number;
  readonly answeredByCode: StatusCounts;
}

/** What our proxy saw of calls over one interval: all of them, health and reflection among them. */
export interface ProxyCounts {
  /** Connections of clients. */
  readonly connectionsAccepted: number;
  /** Connections to backends that could not be made, or were lost before their clients'. */
  readonly upstreamsLost: number;
  readonly calls: number;
  /** Calls that a connection to a backend took with it. */
  readonly callsLost: number;
  /** Calls by the number of previous attempts that they declared. */
  readonly receivedByPreviousAttempts: Readonly<Record<string, number>>;
  /** Answers of backends. */
  readonly answeredByCode: StatusCounts;
  readonly resetsByClients: number;
  readonly resetsByServers: number;
  /** Where it spreads calls: what each backend was given, by its name, and answered. */
  readonly backends?: Readonly<Record<string, BackendCalls>>;
  /** Absent where none passed. */
  readonly healthAnswers?: HealthAnswers;
  /** Most octets that waited in streams at once. Does not add up: the largest counts. */
  readonly heldBytesMax: number;
  /** How often a stream had more to send than its receiver's windows took. */
  readonly windowStalls: number;
  /** By fault id, as of a backend. */
  readonly faults: Readonly<Record<string, FaultCounts>>;
}

/** Something that happened at one moment. */
export interface EventLine {
  readonly type: 'event';
  readonly variant: string;
  readonly atNs: number;
  readonly kind: EventKind;
  /** A sentence without a full stop; names the backend or worker that it is about. */
  readonly detail: string;
  /** Whom it is about: a backend's name, a fault's id. */
  readonly subject?: string;
  /** When the plan said it should happen, where it did. */
  readonly plannedNs?: number;
  /** What changed, of the kinds `health` and `health.seen`. */
  readonly health?: HealthTransition;
  /** What is said from then on, of the kind `discovery`. */
  readonly discovery?: DiscoverySaid;
  /** What outlier detection did with the backend it is about, of the kind `client.ejection`. */
  readonly ejection?: Ejection;
}

/** A client is a channel of a worker: each ejects for itself. */
export interface Ejection {
  readonly client: string;
  readonly isEjected: boolean;
}

/** What name resolution says: names of backends (`gone-1`: an address of nobody), or a failure. */
export type DiscoverySaid =
  | { readonly backends: readonly string[] }
  | { readonly code: StatusName; readonly details: string };

/** A change of health: as a server made it, or as a client saw it. */
export interface HealthTransition {
  /** The names that changed: "" is the whole server, then `service` and `service/method`. */
  readonly services: readonly string[];
  /** As the client saw it before; absent of a server's. */
  readonly from?: ServingStatus;
  /** For a client UNKNOWN also says that it has lost the server. */
  readonly to: ServingStatus;
}

export type EventKind =
  | 'phase.start'
  | 'fault.start'
  | 'fault.end'
  | 'health'
  | 'health.seen'
  /** A worker's client begins or ceases to send to a backend because of its health. */
  | 'client.health'
  /** Outlier detection in a worker's client ejects a backend, or lets it back in. */
  | 'client.ejection'
  /** Name resolution says something else to a worker's clients. */
  | 'discovery'
  | 'backend.died'
  /** Seen by the wire driver only. */
  | 'connection.lost'
  /** By plan, as the next ones: killed with what it had not reported yet. */
  | 'process.crashed'
  | 'process.paused'
  | 'process.resumed'
  | 'process.draining'
  /** It ended and has reported everything. */
  | 'process.stopped'
  | 'process.started'
  | 'worker.crashed'
  | 'proxy.died'
  | 'interrupted';

/** A variant ended. */
export interface VariantEndLine {
  readonly type: 'variant-end';
  readonly variant: string;
  readonly atNs: number;
  /** Whether it ran to its planned end. */
  readonly complete: boolean;
  /** Why not, as a sentence, when it did not. */
  readonly reason?: string;
  /** It was left out: this machine lacks what `reason` names. */
  readonly skipped?: true;
}

export type RecordLine =
  | RunLine
  | VariantLine
  | LoadLine
  | TargetLine
  | ProxyLine
  | EventLine
  | VariantEndLine;

/** Where lines go while a run goes on. */
export interface RecordSink {
  write(line: RecordLine): void;
  /** Takes calls that an interceptor logged; they are no part of the record. */
  log?(lines: readonly CallLogLine[]): void;
}
