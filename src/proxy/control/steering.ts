/**
 * Steering a proxy while it runs: which faults are on it, and what it has seen. One object, which the gRPC
 * and the HTTP face both say in their own words; neither knows more than what is here.
 */
import { type NowNs, NS_PER_MS } from '../../base/clock.js';
import { UserError } from '../../base/errors.js';
import { didYouMean } from '../../base/nearest.js';
import type { FaultKind, FaultWindow } from '../../faults/fault.js';
import type { FaultBoard } from '../fault-board.js';
import type { ProxyConnection } from '../proxy.js';
import { type Figures, figuresOf, figuresSince } from './counters-view.js';
import { type FaultEntry, type ReadFault, windowOf } from './fault-entry.js';
import { type KindView, kindViews } from './fault-kinds.js';
import { SteeringError } from './steering-error.js';

/** What is steered: what a running proxy of either kind has of it. */
export interface SteeredProxy {
  readonly faults: FaultBoard;
  readonly counters: object;
  readonly heldBytes: number;
  /** Without `callCount` where calls are not seen. */
  connections(): readonly (Omit<ProxyConnection, 'callCount'> & Partial<ProxyConnection>)[];
}

export interface SteeringOptions {
  /** The clock that times of the proxy's faults are of. */
  readonly now: NowNs;
  readonly read: ReadFault;
  /** Whether it sees calls. */
  readonly seesCalls: boolean;
  /** Whether it carries out a kind that proxies can. */
  readonly isCarried: (fault: FaultKind) => boolean;
}

/** A fault that was put on and not taken off. */
export interface FaultView {
  /** `rpc-abort-1`: its kind, and a number that counts from the last reset. */
  readonly id: string;
  readonly kind: string;
  /** As it was written. */
  readonly fault: unknown;
  readonly state: 'waiting' | 'acting' | 'over';
  /** When it begins or began, in Unix ms. */
  readonly fromUnixMs: number;
  /** When it ends or ended; absent: when it is taken off. */
  readonly toUnixMs?: number;
  /** Attempts (of a fault on connections: connections) that it looked at. */
  readonly seen: number;
  /** Of these it hit so many. */
  readonly hit: number;
}

export interface ConnectionView {
  /** Counts from 1, in the order of arrival. */
  readonly id: number;
  /** The client's address. */
  readonly peer: string;
  readonly sinceUnixMs: number;
  /** Absent where calls are not seen. */
  readonly callsOpen?: number;
  /** Octets that wait in it. */
  readonly heldBytes: number;
}

export interface CountersView {
  /** From the start of the proxy or the last reset. */
  readonly counts: Figures;
  /** Now. */
  readonly connectionsOpen: number;
  /** Absent where calls are not seen. */
  readonly callsOpen?: number;
  readonly heldBytes: number;
}

export interface Steering {
  kinds(): readonly KindView[];
  /** In the order in which they were put on. */
  faults(): readonly FaultView[];
  /** @throws SteeringError `unknown` */
  fault(id: string): FaultView;
  /** Puts a fault on. @throws SteeringError `invalid` with all mistakes, or `full` */
  add(text: string): FaultView;
  /** The same for one that was read already. @throws SteeringError */
  put(entry: FaultEntry): FaultView;
  /**
   * Another fault under the id of one: that one ends, the new one's times count from now, and of those
   * that could hit one call it comes last. A wrong one changes nothing. @throws SteeringError
   */
  change(id: string, text: string): FaultView;
  /** Ends a fault and takes it off. @throws SteeringError `unknown` */
  remove(id: string): void;
  counters(): CountersView;
  /** The oldest first. */
  connections(): readonly ConnectionView[];
  /** Takes all faults off; counts and ids begin anew. Connections and calls stay. */
  reset(): void;
}

/** So that a client that adds in a loop is told, before the proxy is slow for all. */
const FAULTS_MAX = 1_000;

interface Standing {
  readonly entry: FaultEntry;
  readonly window: FaultWindow;
  readonly addedUnixMs: number;
  seen: number;
  hit: number;
}

export function createSteering(proxy: SteeredProxy, options: SteeringOptions): Steering {
  const { now, read, isCarried, seesCalls } = options;
  const { faults: board, counters } = proxy;
  const standing = new Map<string, Standing>();
  const lastNumber = new Map<string, number>();
  let base: Figures = {};

  const collect = () => {
    for (const [id, { seen, hit }] of Object.entries(board.takeCounts())) {
      const fault = standing.get(id);
      if (fault === undefined) continue;
      fault.seen += seen;
      fault.hit += hit;
    }
  };
  const known = (id: string): Standing => {
    const fault = standing.get(id);
    if (fault === undefined) throw unknown(id, [...standing.keys()]);
    return fault;
  };
  const stand = (id: string, entry: FaultEntry): FaultView => {
    const window = windowOf(entry, id, now());
    try {
      board.add(window);
    } catch (cause) {
      // The board knows best what a proxy can do.
      if (!(cause instanceof RangeError)) throw cause;
      throw new SteeringError('invalid', [{ message: cause.message }], { cause });
    }
    const fault = { entry, window, addedUnixMs: Date.now(), seen: 0, hit: 0 };
    standing.set(id, fault);
    return viewOf(fault, now());
  };
  const put = (entry: FaultEntry): FaultView => {
    if (standing.size >= FAULTS_MAX) throw full();
    const number = (lastNumber.get(entry.kind) ?? 0) + 1;
    const view = stand(`${entry.kind}-${number}`, entry);
    lastNumber.set(entry.kind, number);
    return view;
  };

  return {
    kinds: () => kindViews(isCarried),
    faults() {
      collect();
      const nowNs = now();
      return [...standing.values()].map((fault) => viewOf(fault, nowNs));
    },
    fault(id) {
      collect();
      return viewOf(known(id), now());
    },
    put,
    add: (text) => put(reading(read, text)),
    change(id, text) {
      const before = known(id);
      const entry = reading(read, text);
      collect();
      board.remove(id);
      standing.delete(id);
      try {
        return stand(id, entry);
      } catch (error) {
        board.add(before.window);
        standing.set(id, before);
        throw error;
      }
    },
    remove(id) {
      known(id);
      collect();
      board.remove(id);
      standing.delete(id);
    },
    counters() {
      const connections = proxy.connections();
      return {
        counts: figuresSince(base, figuresOf(counters)),
        connectionsOpen: connections.length,
        ...(seesCalls && { callsOpen: callsOf(connections) }),
        heldBytes: proxy.heldBytes,
      };
    },
    connections: () =>
      proxy.connections().map(({ callCount, sinceMs: sinceUnixMs, ...rest }) => ({
        ...rest,
        sinceUnixMs,
        ...(callCount !== undefined && { callsOpen: callCount }),
      })),
    reset() {
      board.clear();
      standing.clear();
      lastNumber.clear();
      board.takeCounts();
      base = figuresOf(counters);
    },
  };
}

function callsOf(connections: readonly { readonly callCount?: number }[]): number {
  return connections.reduce((sum, { callCount = 0 }) => sum + callCount, 0);
}

function viewOf({ entry, window, addedUnixMs, seen, hit }: Standing, nowNs: number): FaultView {
  const { id, kind, fromNs, toNs } = window;
  const fromUnixMs = addedUnixMs + Math.round(entry.atNs / NS_PER_MS);
  const state = nowNs < fromNs ? 'waiting' : nowNs < toNs ? 'acting' : 'over';
  return {
    id,
    kind,
    fault: entry.written,
    state,
    fromUnixMs,
    ...(toNs < Number.POSITIVE_INFINITY && {
      toUnixMs: fromUnixMs + Math.round(entry.forNs / NS_PER_MS),
    }),
    seen,
    hit,
  };
}

function reading(read: ReadFault, text: string): FaultEntry {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof UserError) {
      throw new SteeringError('invalid', error.mistakes, { cause: error });
    }
    throw error;
  }
}

function unknown(id: string, ids: readonly string[]): SteeringError {
  const hint = ids.length === 0 ? 'there is none' : didYouMean(id, ids);
  return new SteeringError('unknown', [{ message: `there is no fault "${id}"`, hint }]);
}

function full(): SteeringError {
  const message = `there are ${FAULTS_MAX} faults already`;
  return new SteeringError('full', [{ message, hint: 'remove some, or reset' }]);
}
