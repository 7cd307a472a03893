/**
 * `summary.json`: the stable document that scripts and other tools read (`"squall/summary@1"`).
 *
 * Additions are free; a change of meaning makes @2. A figure that was not measured is absent, never
 * zero. Durations say their unit in their name: `…Us` are microseconds with one decimal, `…Ms`
 * milliseconds. Shares are fractions from 0 to 1.
 */
import type { ServingStatus } from '../base/serving-status.js';
import type { StatusCounts, StatusName } from '../base/status.js';
import type { Interval } from './exact-interval.js';
import type { DurationSummary } from './histogram.js';
import type {
  DiscoverySaid,
  Ejection,
  EventKind,
  HealthAnswers,
  HealthTransition,
  Host,
  SampledAttempt,
  SampledCall,
} from './record.js';

export const SUMMARY_SCHEMA = 'squall/summary@1';

export interface Summary {
  readonly schema: typeof SUMMARY_SCHEMA;
  readonly run: RunSummary;
  readonly variants: readonly VariantSummary[];
  readonly gates: readonly GateResult[];
  /** Absent where the scenario has none, or what it speaks of was not run. */
  readonly answer?: AnswerSummary;
  readonly generator: GeneratorSummary;
  readonly outcome: Outcome;
}

export interface RunSummary {
  readonly id: string;
  readonly scenario: string;
  readonly summary: string;
  readonly seed: number;
  readonly version: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly host: Host;
  /** Whether it is shortened to a few seconds: its figures are few, its shape is the same. */
  readonly quick: boolean;
}

export interface VariantSummary {
  readonly name: string;
  /** What the scenario says of it; absent when that is nothing. */
  readonly about?: string;
  /** What it is made of: parts of the scenario, as they are written there. */
  readonly setup?: readonly { readonly part: string; readonly text: string }[];
  readonly driver: string;
  /** All of its loads are closed loops: what they offer is what they started. */
  readonly closedLoop?: true;
  /** Absent where there are no interceptors. */
  readonly chains?: ChainSummary;
  /** Whether it ran to its planned end; `reason` says why not. */
  readonly complete: boolean;
  readonly reason?: string;
  /** It was left out, because this machine lacks what `reason` names; nothing is judged by it. */
  readonly skipped?: true;
  readonly phases: readonly PhaseSummary[];
  /** Calls over time, one point per interval, by time of completion. */
  readonly series: readonly SeriesPoint[];
  /** Attempts on each backend over time, by when they started; absent where there is one backend. */
  readonly backendSeries?: readonly BackendPoint[];
  readonly faults: readonly FaultSummary[];
  readonly attempts: AttemptAgreement;
  readonly events: readonly EventSummary[];
  /** Absent when no client watched (`client.watchHealth`). */
  readonly health?: HealthSummary;
  /** Absent where no fault acts on name resolution. */
  readonly discovery?: DiscoverySummary;
  readonly checks: readonly CheckResult[];
  readonly generator: GeneratorSummary;
}

/** What the servers that clients call did with chat messages during a phase. */
export interface ServerChatSummary {
  readonly received: number;
  /** Handed to members of their rooms. */
  readonly delivered: number;
  /** Not handed on, because a reader was too slow. */
  readonly dropped: number;
  readonly readersDisconnected: number;
  /** Most messages that waited for one reader, and most bytes. */
  readonly outboxMessagesMax: number;
  readonly outboxBytesMax?: number;
  /** Most that waited for all readers of one backend together. */
  readonly heldMessagesMax?: number;
  readonly heldBytesMax?: number;
  /** Time during which a reader's stream accepted no message, summed over readers. */
  readonly readersBlockedMs?: number;
  /** Policy `wait`: times that a sender had to wait for a reader, and how long, summed over senders. */
  readonly sendersStopped?: number;
  readonly sendersStoppedMs?: number;
}

/**
 * Send windows at zero while there was something to send: how often, and how long, summed over streams
 * or connections.
 */
export interface WindowSummary {
  readonly streamsStopped: number;
  readonly streamsStoppedMs: number;
  readonly connectionsStopped: number;
  readonly connectionsStoppedMs: number;
}

/** A single call. Times in µs are from when it was due. */
export type CallStory = Omit<SampledCall, 'phase' | 'dueUs' | 'attempts'> & {
  /** On the load clock. */
  readonly dueMs: number;
  readonly attempts?: readonly AttemptStory[];
};

export type AttemptStory = SampledAttempt & {
  /** The same attempt as its server saw it; absent of calls that servers did not write down. */
  readonly server?: {
    readonly receivedUs: number;
    readonly serviceFromUs?: number;
    readonly serviceToUs?: number;
    /** When it was answered, or given up by its client: without a status then. */
    readonly endUs: number;
    readonly status?: StatusName;
  };
};

export interface PhaseSummary {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Warm-up: measured, and left out of checks and gates that do not name it. */
  readonly discard: boolean;
  readonly calls: CallCounts;
  readonly rates: Rates;
  readonly latencyUs?: DurationSummary;
  readonly serviceTimeUs?: DurationSummary;
  readonly attempts: AttemptCounts;
  readonly backends: readonly BackendSummary[];
  readonly fairness?: Fairness;
  /** Of the backends that outlier detection had out of the load; absent where there were none. */
  readonly ejections?: readonly EjectionSummary[];
  readonly deadline?: DeadlineSummary;
  readonly streams?: StreamSummary;
  /** Chat messages as the servers counted them; absent when there were none. */
  readonly chat?: ServerChatSummary;
  /** What the clients, and the servers, could not send; each is absent where it cannot be told. */
  readonly windows?: { readonly client?: WindowSummary; readonly server?: WindowSummary };
  readonly cpu?: CpuSummary;
  /** From the front one on; absent where clients call the only tier there is. */
  readonly tiers?: readonly TierSummary[];
  /** What our proxy saw; absent without one, and of a proxy that others wrote. */
  readonly proxy?: ProxySummary;
  /** What the servers did during the phase; absent when none reported. */
  readonly server?: ServerSummary;
  /** Absent where it could not be counted. */
  readonly littlesLaw?: LittleSummary;
  /** What interceptors counted; absent when none did. */
  readonly interceptors?: readonly InterceptorSummary[];
  /** The same figures for each load on its own, when there are several. */
  readonly loads: readonly LoadSummary[];
  /** Single calls: the slowest, then some by chance. Absent when none was written down. */
  readonly stories?: readonly CallStory[];
}

/** What the servers did during a phase, all together. */
export interface ServerSummary {
  /** Slots in service × time. */
  readonly busyMs: number;
  /** The whole service time of requests whose service ended in the phase, wherever it began. */
  readonly servedMs: number;
  /** The part of that which was for requests nobody waited for any more, at its end. */
  readonly wastedMs: number;
  /** Requests refused because a queue was full. */
  readonly shed: number;
  readonly queueLengthMax: number;
  /** From arrival to the beginning of service. */
  readonly queueTimeUs?: DurationSummary;
  /** Connections accepted; absent in records that do not have them. */
  readonly connections?: number;
  /** Of all servers together, in the interval that had most. */
  readonly connectionsPerSecondMax?: number;
  /** That interval: connections, and its length. */
  readonly connectionsPeak?: { readonly connections: number; readonly ms: number };
}

/** L and λW of a phase's calls, from send to end; long-lived ones are in neither. */
export interface LittleSummary {
  /** Calls open on average, as they were counted over time. */
  readonly inFlightMean: number;
  /** Calls ended per second of the phase × their mean time. */
  readonly rateTimesTime: number;
  /** By how much rounding may set them apart. */
  readonly roundingMax: number;
}

export interface LoadSummary {
  readonly name: string;
  readonly calls: CallCounts;
  readonly latencyUs?: DurationSummary;
  readonly serviceTimeUs?: DurationSummary;
}

export interface CallCounts {
  readonly offered: number;
  readonly started: number;
  readonly completed: number;
  readonly good: number;
  readonly missed: number;
  readonly abandoned: number;
  /** Calls that had to wait for a stream; absent where the driver cannot tell. */
  readonly queued?: number;
  /** Most calls of one worker that waited at once. */
  readonly queuedMax?: number;
  /** Ended CANCELLED because their load is told to cancel them: completed, and no failures. Absent: 0. */
  readonly cancelledOnPurpose?: number;
  readonly byCode: StatusCounts;
}

export interface Rates {
  readonly offeredPerSecond: number;
  /** Calls due in the phase that ended with a status, per second of the phase. */
  readonly throughputPerSecond: number;
  /** Calls due in the phase that ended OK and in time, per second of the phase. */
  readonly goodputPerSecond: number;
}

/**
 * One tier of a chain during a phase, as its servers counted. Their counts belong to the interval in
 * which they were made, and it to the phase that contains its middle.
 */
export interface TierSummary {
  /** `front` is the one that clients call. */
  readonly name: string;
  /** Attempts that it received. */
  readonly attempts: number;
  /** Those ÷ calls that the client started; absent when it started none. */
  readonly amplification?: number;
  /** Those ÷ attempts that the tier before received (of the front one: ÷ calls); absent when none. */
  readonly hopAmplification?: number;
  /** Attempts that it answered. */
  readonly byCode: StatusCounts;
  /** Attempts that were cancelled, or whose deadline passed, before they were answered. */
  readonly cancelled: number;
  /** Slots in service × time; this and the next are absent in records that do not have it by tier. */
  readonly busyServerMs?: number;
  /** The whole service time of requests whose service ended in the phase. */
  readonly servedServerMs?: number;
  /** The part of that which was for requests nobody waited for, as far as the tier knows. */
  readonly wastedServerMs: number;
  /** Requests whose deadline had passed before their service began. */
  readonly wastedRequests: number;
  /**
   * Its calls to the next tier that ended OK when the attempt that they were made for was over: what the
   * tiers behind did for them nobody waited for, which these cannot know. Absent of the last tier.
   */
  readonly outlived?: number;
}

export interface AttemptCounts {
  readonly total: number;
  readonly first: number;
  readonly retries: number;
  readonly transparent: number;
  readonly hedges: number;
  /** Attempts ÷ calls started (chat streams are calls); absent when none was started. */
  readonly amplification?: number;
  /** Good calls ÷ attempts; absent when there was no attempt. */
  readonly efficiency?: number;
  readonly byCode: StatusCounts;
}

export interface BackendSummary {
  readonly name: string;
  readonly address: string;
  readonly attempts: number;
  /** Of all attempts of the phase; absent when there were none. */
  readonly share?: number;
  readonly byCode: StatusCounts;
  readonly latencyUs?: DurationSummary;
  /** Service time ÷ (slots × length of the phase); absent without a capacity, or when it told nothing. */
  readonly utilisation?: number;
  /** By the servers: clients of a proxy that balances do not see who serves. Absent: by the client. */
  readonly countedBy?: 'servers' | 'proxy';
}

/**
 * What our proxy saw of calls during a phase, health and reflection among them. `byCode` are answers of
 * backends; `connectionsAccepted` are clients'.
 */
export interface ProxySummary {
  readonly connectionsAccepted: number;
  /** Connections to backends that could not be made, or were lost before their clients'. */
  readonly backendConnectionsLost: number;
  readonly calls: number;
  /** Calls that a connection to a backend took with it. */
  readonly callsLost: number;
  /** Calls by the number of previous attempts that they declared. */
  readonly receivedByPreviousAttempts: Readonly<Record<string, number>>;
  readonly byCode: StatusCounts;
  readonly resetsByClients: number;
  readonly resetsByServers: number;
  /** What servers said of their health, by status; absent where nothing of it passed. */
  readonly healthAnswers?: HealthAnswers;
  /** Most octets that waited in streams at once. */
  readonly heldBytesMax: number;
  /** How often a stream had more to send than its receiver's windows took. */
  readonly windowStalls: number;
}

/** How evenly attempts were spread over all backends of the variant, idle ones included. */
export interface Fairness {
  /** Jain's index: 1 = even, 1/n = all on one of n. */
  readonly jain: number;
  readonly maxOverMean: number;
  /** Over reporting intervals with enough attempts to tell; absent where none has. */
  readonly windows?: FairnessOverWindows;
}

export interface FairnessOverWindows {
  readonly count: number;
  readonly jainMin: number;
  readonly jainMedian: number;
  readonly maxOverMeanMax: number;
}

/** What outlier detection did to a backend during a phase. */
export interface EjectionSummary {
  readonly backend: string;
  /** How often a client ejected it, and let it back in; a client is a channel of a worker. */
  readonly ejected: number;
  readonly letBackIn: number;
  /** On the load clock; absent when it was out already. */
  readonly firstMs?: number;
  /** Time for which it was out ÷ length of the phase, on average over the clients. */
  readonly outShare: number;
}

export interface DeadlineSummary {
  readonly exceeded: number;
  /** Calls with a deadline that ended; long-lived ones are not among them. */
  readonly calls: number;
  /** Such calls that were still open when the load was over, and cut off by us. */
  readonly cutOff: number;
  readonly overshootUs?: DurationSummary;
  /**
   * Time of all servers spent on requests that nobody waited for, counted during the phase; this and the
   * next are absent of external targets.
   */
  readonly wastedServerMs?: number;
  /** Requests whose deadline had passed before their service began. */
  readonly wastedRequests?: number;
}

export interface SlowReaderSummary {
  readonly messagesReceived: number;
  readonly messageLatencyUs?: DurationSummary;
}

export interface StreamSummary {
  readonly messagesOffered: number;
  readonly messagesSent: number;
  readonly messagesMissed: number;
  /** By readers that read as fast as they can. */
  readonly messagesReceived: number;
  /** No load of the variant has anybody to hear messages: they are uploads, and none was lost. */
  readonly unheard?: true;
  readonly messageLatencyUs?: DurationSummary;
  /** By those that are told to read slowly; absent when nothing was. */
  readonly slowReaders?: SlowReaderSummary;
  readonly writeStallMs: number;
  readonly bufferedBytesMax: number;
}

/**
 * CPU time during a phase, as the system tells it. Figures a call are absent where a load holds streams
 * open, whose cost is in their messages.
 */
export interface CpuSummary {
  /** Of the worker threads. */
  readonly clientMs?: number;
  /** Of the backends' processes. */
  readonly serverMs?: number;
  /** Of the proxy's process. */
  readonly proxyMs?: number;
  readonly clientUsPerCall?: number;
  readonly serverUsPerAttempt?: number;
  readonly proxyUsPerCall?: number;
}

/** Calls of one method that one interceptor counted: attempts on a server, over all backends. */
export interface InterceptorSummary {
  readonly side: 'client' | 'server';
  /** Of a server behind the front tier. */
  readonly tier?: string;
  /** Its name in its chain: `metrics`, `metrics#2`. */
  readonly interceptor: string;
  /** `/chat.ChatService/Say` */
  readonly method: string;
  readonly byCode: StatusCounts;
  /** From passing the interceptor to the end. */
  readonly durationUs?: DurationSummary;
  /** What it did to calls, by when it did it; absent when nothing: `retry`, `no retry: budget`. */
  readonly events?: Readonly<Record<string, number>>;
}

/** Names of the interceptors that calls pass, in their order. */
export interface ChainSummary {
  readonly client: readonly string[];
  readonly server: readonly string[];
}

export interface SeriesPoint {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offered: number;
  readonly completed: number;
  readonly good: number;
  readonly failed: number;
  readonly missed: number;
  readonly attempts: number;
  readonly latencyUs?: DurationSummary;
  /** Those of them that are long-lived, which have no end to wait for; absent when there are none. */
  readonly longLived?: { readonly offered: number; readonly good: number };
}

export interface BackendPoint {
  readonly fromMs: number;
  readonly toMs: number;
  /** By name, idle ones too; by address where that is none of the variant's backends. */
  readonly attempts: Readonly<Record<string, number>>;
}

export interface FaultSummary {
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  /** It acted in the proxy; absent: at the targets. */
  readonly in?: 'proxy';
  readonly seen: number;
  readonly hit: number;
  /** Fingerprint of the set of calls whose first attempt was hit, in hexadecimal. */
  readonly hitSet: string;
  readonly hitFirst: number;
}

/** Attempts as the client counted them beside attempts as the servers did. */
export interface AttemptAgreement {
  readonly client: number;
  /** This and the count by number are absent when no server counted: the targets are external. */
  readonly server?: number;
  /** Absent when nobody can know: a server died by plan with counts that it had not reported. */
  readonly agree?: boolean;
  /** By number of previous attempts declared. */
  readonly serverByPreviousAttempts?: Readonly<Record<string, number>>;
  /** Why they differ when they do, or why that is not known. */
  readonly why?: string;
}

export interface EventSummary {
  readonly atMs: number;
  readonly kind: EventKind;
  readonly detail: string;
  readonly subject?: string;
  readonly plannedMs?: number;
  /** Of the kinds `health` (a server's) and `health.seen` (a client's). */
  readonly health?: HealthTransition;
  /** Of the kind `discovery`: what name resolution says from then on. */
  readonly discovery?: DiscoverySaid;
  /** Of the kind `client.ejection`. */
  readonly ejection?: Ejection;
}

/** What name resolution told the clients, and how often they asked. */
export interface DiscoverySummary {
  /** Of all workers' clients, over the whole variant. */
  readonly asked: number;
  readonly told: number;
  /** One per worker. All play the same, each with its own clock reading. */
  readonly timelines: readonly DiscoveryTimeline[];
}

export interface DiscoveryTimeline {
  /** `worker 0` */
  readonly worker: string;
  /** Without a gap, from the load clock's zero to the end. */
  readonly spans: readonly DiscoverySpan[];
}

export interface DiscoverySpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly said: DiscoverySaid;
}

/** Health as a client saw it. */
export interface HealthSummary {
  /** One per backend and name, in the order of the plan. */
  readonly timelines: readonly HealthTimeline[];
  /** From a server's change of status to the moment at which the client heard of it. */
  readonly seenAfterUs?: DurationSummary;
  /** Changes that the client did not hear of before the server said the same once more. */
  readonly unseen: number;
}

export interface HealthTimeline {
  /** The backend's name. */
  readonly backend: string;
  /** "" is the whole server. */
  readonly service: string;
  /** Without a gap, from the load clock's zero to the end. */
  readonly spans: readonly HealthSpan[];
}

export interface HealthSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** UNKNOWN also before the first answer and while the server is lost. */
  readonly status: ServingStatus;
}

export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface CheckResult {
  readonly name: string;
  readonly verdict: Verdict;
  /** Absent when it could not be measured. */
  readonly value?: number;
  /**
   * What people are shown in its place, where a number alone would mislead beside what was expected: `never`,
   * `stuck, 4 %`, or the figure that has bounds where the value is made of several. Parts are joined by ` and `.
   */
  readonly shown?: string;
  /** How far the true value may be, where the value was sampled; in the value's unit. */
  readonly interval?: Interval;
  /** `<= 2`, `>= 0.95`: the expectation in words. */
  readonly expected: string;
  readonly unit: string;
  /** One sentence. */
  readonly why: string;
  /** What the scenario says that it shows when it passes. */
  readonly shows?: string;
}

/** What the run has to say to the scenario's question. */
export interface AnswerSummary {
  /** Every check passed: the sentences are true of this run. */
  readonly isConfirmed: boolean;
  /** With this run's figures. */
  readonly sentences: readonly string[];
}

export interface GateResult {
  readonly expression: string;
  /** The variant it was evaluated for. */
  readonly scope: string;
  readonly verdict: Verdict;
  readonly value?: number;
  readonly unit: string;
  readonly why: string;
  readonly source: { readonly file: string; readonly line: number };
}

export interface GeneratorSummary {
  /** Whether the generator, not the service, was what limited the load. */
  readonly saturated: boolean;
  readonly reasons: readonly string[];
  /** Where its own counts contradict each other, a sentence each; absent where they do not. */
  readonly contradictions?: readonly string[];
  readonly latenessUs?: DurationSummary;
  readonly eventLoopDelayUs?: DurationSummary;
  /** The busiest worker thread's CPU time ÷ wall time. */
  readonly cpuShare?: number;
  readonly loopBusyShare?: number;
}

export interface Outcome {
  readonly verdict: 'pass' | 'fail' | 'invalid';
  readonly exitCode: number;
  /** Why not a pass: one sentence each. */
  readonly reasons: readonly string[];
}
