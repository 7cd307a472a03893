/**
 * What a fault is: something that goes wrong, on purpose, for a stretch of the load clock.
 *
 * Six sorts. A **call fault** looks at one call and answers with an effect, as data; whoever hosts
 * it (the target's interceptor, later the proxy) carries the effect out, and knows no fault by
 * name. A **host fault** acts on the server itself through a narrow interface, from within its
 * process, and undoes what it did. A **process fault** acts on that process from outside: it ends it,
 * stops it, starts it again. A **connection fault** acts on a connection through a proxy, on its frames.
 * A **discovery fault** acts on what name resolution tells the clients; the workers play it, each for its
 * own.
 * A **byte fault** acts on one below them: it answers with an effect, as data, too.
 *
 * Which calls a fault hits follows from the seed, the fault's id, the call's number and its
 * attempt, by hash: two variants of a scenario, or two runs with one seed, meet the same faults.
 */
import { z } from 'zod';
import type { CatalogueEntry } from '../base/catalogue.js';
import type { ServingStatus } from '../base/serving-status.js';
import { duration, positiveDuration, share } from '../base/units.js';
import type { ByteEffect } from './byte-effect.js';
import type { CallEffect, Direction } from './call-effect.js';
import { type MetadataMatch, metadataMatch } from './metadata-match.js';

/**
 * Where a fault can be put: in the server's interceptor, its process, the proxy in front of it, or the
 * resolver under the client's channel.
 */
export type FaultLayer = 'interceptor' | 'process' | 'proxy' | 'resolver';

/** What a call fault may know of an attempt. */
export interface CallView {
  /** `/chat.ChatService/Say` */
  readonly method: string;
  /**
   * Number of the call in its load's schedule, the same in every run and variant; for a client that
   * sends none, the order of arrival.
   */
  readonly ordinal: number;
  /** `grpc-previous-rpc-attempts`: 0 for a first attempt. */
  readonly previousAttempts: number;
  /** Which attempts of the tiers before led to it (`base/call-id.ts`); absent when all were first ones. */
  readonly upstream?: number;
}

export type { ServingStatus } from '../base/serving-status.js';
export type { CallEffect };

/** What becomes of health's Watch in place of an answer. */
export type WatchEffect =
  /** Those that begin are accepted and told nothing; those that run are told nothing more. */
  | { readonly effect: 'silence' }
  /** Those that begin and those that run end with a status. */
  | { readonly effect: 'end'; readonly code: number; readonly details: string };

/** The time as a fault has it. */
export interface FaultTimer {
  /**
   * Calls `fire` so many ns after its caller was due (its start, or the timer that it runs in), so
   * that what repeats does not drift; returns a cancel.
   */
  after(delayNs: number, fire: () => void): () => void;
}

/** What a host fault may do to the server that hosts it. */
export interface FaultHost extends FaultTimer {
  /**
   * Sets what Check and Watch answer for a service ("" is the whole server) and returns an undo.
   */
  overrideHealth(service: string, status: ServingStatus): () => void;
  /** Sets what becomes of Watch, on one service or, where none is named, on any; returns an undo. */
  overrideWatch(effect: WatchEffect, service?: string): () => void;
  /** Keeps the event loop from turning for so many ns, without using the processor. */
  blockLoop(ns: number): void;
  /** Keeps the event loop from turning for so many ns, and the processor at work. */
  burnLoop(ns: number): void;
  /**
   * Multiplies the service time of requests that arrive from now on, and returns an undo.
   * @param factor of a request that arrives so many ns after now; above 0.
   */
  scaleService(factor: (sinceNs: number) => number): () => void;
  /** The server came up anew while the fault lasted, and the fault with it. */
  readonly isRestarted: boolean;
}

/** What a process fault may do to the process of one backend. What it asks for is done in order. */
export interface ProcessHost extends FaultTimer {
  /** Ends it without a word, as a crash does; what it counted and did not report yet is lost. */
  crash(): void;
  /**
   * Lets it take no more calls and finish those that it has, for so many ns at most; then it reports
   * and ends. With 0 ns it cuts calls off.
   */
  stop(graceNs: number): void;
  /** Starts it again, where it listened before; nothing when it runs. */
  start(): void;
  /** Stops it in its tracks, its connections open; nothing when it does not run. */
  pause(): void;
  /** Lets it go on. */
  resume(): void;
}

/** What a connection fault may do to a client's connection through a proxy. */
export interface ConnectionHost extends FaultTimer {
  /**
   * Sends the client GOAWAY. Calls above the last stream are cut off, the others go on; then the
   * connection closes.
   * @param last `all`: the highest stream that has come; `none`: 0; or a stream id.
   */
  goaway(last: 'all' | 'none' | number, code: number, debug: string): void;
  /** Allows the client so many streams at once, or none at all; returns an undo. */
  limitStreams(streams: number): () => void;
  /** Neither answers PINGs that come in a direction nor passes them on; returns an undo. */
  dropPings(direction: Direction): () => void;
  /** Gives who sends in a direction no window of the connection any more; returns an undo. */
  stallWindow(direction: Direction): () => void;
  /** Sends a SETTINGS frame in a direction. */
  sendSettings(direction: Direction): void;
}

/**
 * What a discovery fault may do to what name resolution says. Each act returns its undo; of several of
 * one sort that are in force the one that was done last counts.
 */
export interface DiscoveryHost extends FaultTimer {
  /** Names of the backends that it acts on, in the order of the plan; `others`: of all the rest. */
  readonly backends: readonly string[];
  readonly others: readonly string[];
  /**
   * The next of a sequence of numbers uniform in [0, 1) that follows from the seed and the fault: all
   * workers draw the same.
   */
  random(): number;
  /** Names these backends and no others. */
  name(backends: readonly string[]): () => void;
  /** Has a status in place of an answer. */
  fail(code: number, details: string): () => void;
  /** Keeps to the backends that it names now, and names so many addresses of nobody besides. */
  freeze(gone: number): () => void;
  /** Tells whatever it has to tell so many ns later. */
  slow(ns: number): () => void;
}

interface FaultKindBase extends CatalogueEntry {
  readonly layers: readonly FaultLayer[];
  /** What of a client it puts to the test. */
  readonly exercises: string;
  /** What a correct client does. */
  readonly correctClient: string;
}

/** A fault that is decided call by call. */
export interface CallFaultKind<Options> extends FaultKindBase {
  readonly acts: 'call';
  /** Calls that it can act on: those with a stream of replies, or with one; absent: both. */
  readonly replies?: 'stream' | 'one';
  /** It hits calls that are open when it begins, too, and not only those that come in its time. */
  readonly hitsOpen?: true;
  /** It keeps up work that a backend would stop: one whose capacity says `onExpired: stop`. */
  readonly needsStop?: true;
  readonly schema: z.ZodType<Options & CallFaultEnvelope>;
  /**
   * The effect on a call that it hits.
   * @param unit uniform in [0, 1), follows from seed, fault, call and attempt; for drawn options.
   */
  effect(options: Options, call: CallView, unit: number): CallEffect;
  /**
   * While no more than so many of the attempts that it looks at are open on a backend, it hits none;
   * absent: it looks at each by itself.
   */
  spares?(options: Options): number;
}

/**
 * Share of the time of the thread that serves that faults may take together: the rest is needed to
 * hear of their ends at all.
 */
export const LOOP_SHARE_MAX = 0.95;

/** What a host fault wants of something that can be but one way at a time. */
export interface Claim {
  /** The thing: `health`, `Watch`. */
  readonly of: string;
  /** Which of them; absent: all. */
  readonly name?: string | undefined;
  /** How it wants it. Two that want the same do not contradict each other. */
  readonly as: string;
}

/** A fault that acts on the server as a whole. */
export interface HostFaultKind<Options> extends FaultKindBase {
  readonly acts: 'host';
  /** What it keeps one way while it lasts; absent: nothing that another fault could want otherwise. */
  claims?(options: Options): Claim;
  /** The share of its time that it takes from the thread that serves; absent: none. */
  takes?(options: Options): number;
  /** It acts on the service time: nothing happens on a server without a capacity. */
  readonly needsCapacity?: boolean;
  readonly schema: z.ZodType<Options & FaultEnvelope>;
  /** Begins; the function that it returns ends it and leaves nothing behind. */
  start(options: Options, host: FaultHost): () => void;
}

/** A fault that acts on the server's process, from outside of it. */
export interface ProcessFaultKind<Options> extends FaultKindBase {
  readonly acts: 'process';
  /** The process does nothing at all for as long as it lasts. */
  readonly silences?: true;
  readonly schema: z.ZodType<Options & FaultEnvelope>;
  /** Begins; the function that it returns ends it. */
  start(options: Options, host: ProcessHost): () => void;
}

/** A fault that acts on connections through a proxy, each by itself. */
export interface ConnectionFaultKind<Options> extends FaultKindBase {
  readonly acts: 'connection';
  /** It acts on connections that come in its time, too, and not only on those that it finds. */
  readonly hitsNew: boolean;
  readonly schema: z.ZodType<Options & ConnectionFaultEnvelope>;
  /** Begins on one connection; the function that it returns ends it there. */
  start(options: Options, connection: ConnectionHost): () => void;
}

/** A fault of what name resolution tells the clients. */
export interface DiscoveryFaultKind<Options> extends FaultKindBase {
  readonly acts: 'discovery';
  /**
   * What of it: which backends are `named`, what is `answered` in place of that, or the `time` that it
   * takes. Two faults that change one of these at one moment contradict each other.
   */
  readonly changes: 'named' | 'answered' | 'time';
  readonly schema: z.ZodType<Options & DiscoveryEnvelope>;
  /** What is wrong with its options where it acts on so many backends of so many; absent: nothing. */
  mistake?(options: Options, backends: number, all: number): string | undefined;
  /** Whether it tells clients something else than they know, even where nothing else changes. */
  tells(options: Options): boolean;
  /** It changes what it says again and again, and not at its beginning and end alone. */
  readonly repeats?: true;
  /** It keeps to what is named when it begins. */
  readonly keeps?: true;
  /** Begins; the function that it returns ends it and leaves nothing behind. */
  start(options: Options, host: DiscoveryHost): () => void;
}

/** A fault that acts on the octets of connections, or on their making. */
export interface ByteFaultKind<Options> extends FaultKindBase {
  readonly acts: 'bytes';
  readonly schema: z.ZodType<Options & FaultEnvelope>;
  /** The same for every connection that it hits; what of it is drawn follows from the connection. */
  effect(options: Options): ByteEffect;
}

// biome-ignore-start lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type FaultKind =
  | CallFaultKind<any>
  | HostFaultKind<any>
  | ProcessFaultKind<any>
  | ConnectionFaultKind<any>
  | DiscoveryFaultKind<any>
  | ByteFaultKind<any>;
// biome-ignore-end lint/suspicious/noExplicitAny: options are checked by each kind's own schema.

/** Helpers that keep an entry's option types inferred. */
export const defineCallFault = <Options>(kind: CallFaultKind<Options>) => kind;
export const defineHostFault = <Options>(kind: HostFaultKind<Options>) => kind;
export const defineProcessFault = <Options>(kind: ProcessFaultKind<Options>) => kind;
export const defineConnectionFault = <Options>(kind: ConnectionFaultKind<Options>) => kind;
export const defineDiscoveryFault = <Options>(kind: DiscoveryFaultKind<Options>) => kind;
export const defineByteFault = <Options>(kind: ByteFaultKind<Options>) => kind;

/** When any fault acts. Every fault's schema includes these keys; of discovery these are enough. */
export const discoveryEnvelope = {
  /** Name of the phase it acts in; only for faults listed outside a phase. */
  phase: z.string().optional(),
  /** Begins so long after its phase does. */
  at: duration().optional(),
  /** Lasts so long; to the end of its phase when absent. */
  for: positiveDuration().optional(),
};

/** When and where a fault acts. */
export const faultEnvelope = {
  ...discoveryEnvelope,
  /**
   * Names of the backends it acts on, of whatever tier. Absent, and `zones` and `tiers` too: all that
   * the client knows, which are those of the tier `front`.
   */
  backends: z.array(z.string()).min(1).optional(),
  /** Zones whose backends it acts on; of `backends` only those in them, when both are given. */
  zones: z.array(z.string()).min(1).optional(),
  /** Tiers whose backends it acts on; of `backends` and `zones` only those in them. */
  tiers: z.array(z.string()).min(1).optional(),
  /** Where it acts; at the target when absent, where there is one of ours and it can. */
  in: z.enum(['target', 'proxy']).optional(),
};

/** When, where and on which calls a call fault acts. */
export const callFaultEnvelope = {
  ...faultEnvelope,
  /** Share of the attempts that it hits; all when absent. */
  share: share().optional(),
  /**
   * Full names of the methods it looks at (`chat.ChatService/Say`); all calls but health and
   * reflection when absent.
   */
  methods: z.array(z.string()).min(1).optional(),
  /** Entries of metadata that an attempt must carry, all of them. */
  metadata: metadataMatch().optional(),
  /** Hits so many attempts on each backend at most, in the order of their arrival. */
  count: z.int().min(1).optional(),
  /** So many of the attempts that it hit are open on each backend at once, at most. */
  maxActive: z.int().min(1).optional(),
};

/** When, where and on which connections a connection fault acts. */
export const connectionFaultEnvelope = {
  ...faultEnvelope,
  /** Share of the connections that it hits; all when absent. */
  share: share().optional(),
  /** Hits so many connections at most, in the order in which they came. */
  count: z.int().min(1).optional(),
};

/** Which way: `up` is from the client to the server. */
export const direction = () => z.enum(['up', 'down', 'both']);

/** The directions that a word means. */
export function directionsOf(word: z.output<ReturnType<typeof direction>>): readonly Direction[] {
  return word === 'both' ? ['up', 'down'] : [word];
}

export type ConnectionFaultEnvelope = z.output<z.ZodObject<typeof connectionFaultEnvelope>>;
export type DiscoveryEnvelope = z.output<z.ZodObject<typeof discoveryEnvelope>>;
export type FaultEnvelope = z.output<z.ZodObject<typeof faultEnvelope>>;
export type CallFaultEnvelope = z.output<z.ZodObject<typeof callFaultEnvelope>>;

/** A fault as it stands in a plan: resolved to a stretch of the load clock. */
export interface FaultWindow {
  /** Unique in its variant and the same in every run: `storm/rpc-abort`, `storm/rpc-abort#2`. */
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** It acts in the proxy; absent: at the target. */
  readonly in?: 'proxy';
  /** Names of the backends, those of its zones among them; all when absent. */
  readonly backends?: readonly string[];
  /** Those of its methods that it can act on; all when absent. These and the next: call faults only. */
  readonly methods?: readonly string[];
  readonly metadata?: MetadataMatch;
  /** From 0 to 1; of calls, or of connections. */
  readonly share?: number;
  /** Of calls on each backend, or of connections at each proxy; any number when absent. */
  readonly count?: number;
  readonly maxActive?: number;
  /** The kind's own options, parsed. */
  readonly options: unknown;
}
