/**
 * What the servers counted: attempts received, faults, work nobody waited for.
 *
 * A server does not know in which phase a call was due, so its interval goes to the phase that
 * contains the interval's middle.
 */
import type { FaultWindow } from '../faults/fault.js';
import { NO_HITS, sumFaultCounts } from '../metrics/fault-counts.js';
import type { FaultCounts, ProxyLine, TargetLine } from '../metrics/record.js';
import type { FaultSummary, ServerChatSummary } from '../metrics/summary.js';
import type { PhaseWindow } from '../workers/spec.js';
import { hasChat, NO_CHAT, sumChats } from './server-chat.js';

export interface WastedWork {
  readonly serverNs: number;
  readonly requests: number;
}

export interface ServerTally {
  add(line: TargetLine): void;
  /** Adds the faults that acted in the proxy. */
  addProxy(line: ProxyLine): void;
  /** Work wasted during a phase; undefined when no server's interval lies in it. */
  wastedIn(phase: string): WastedWork | undefined;
  /** Chat messages during a phase; undefined when there were none. */
  chatIn(phase: string): ServerChatSummary | undefined;
  /** Attempts that clients made over the whole variant, by number of previous attempts declared. */
  receivedByPreviousAttempts(): Readonly<Record<string, number>>;
  faults(): FaultSummary[];
}

/**
 * The phase that contains a moment of the load clock; undefined before the first and after the
 * last.
 */
export function phaseAt(phases: readonly PhaseWindow[], ns: number): PhaseWindow | undefined {
  return phases.find(({ fromNs, toNs }) => ns >= fromNs && ns < toNs);
}

/** @param isCalledByClients whether a backend, by its name, is one of those that clients know. */
export function serverTally(
  phases: readonly PhaseWindow[],
  faultWindows: readonly FaultWindow[],
  isCalledByClients: (backend: string) => boolean,
): ServerTally {
  const wasted = new Map<string, WastedWork>();
  const chats = new Map<string, ServerChatSummary>();
  const received = new Map<string, number>();
  const faultCounts = new Map<string, FaultCounts>();
  const addFaults = (counts: Readonly<Record<string, FaultCounts>>) => {
    for (const [id, one] of Object.entries(counts)) {
      faultCounts.set(id, sumFaultCounts(faultCounts.get(id), one));
    }
  };
  return {
    addProxy({ counts, octets }) {
      addFaults((counts ?? octets)?.faults ?? {});
    },
    add({ backend, fromNs, toNs, counts }) {
      const isFront = isCalledByClients(backend);
      const fromClients = isFront ? counts.receivedByPreviousAttempts : {};
      for (const [previous, count] of Object.entries(fromClients)) {
        received.set(previous, (received.get(previous) ?? 0) + count);
      }
      addFaults(counts.faults);
      const phase = phaseAt(phases, (fromNs + toNs) / 2);
      if (phase === undefined) return;
      if (isFront && hasChat(counts)) {
        chats.set(phase.name, sumChats(chats.get(phase.name) ?? NO_CHAT, counts));
      }
      const before = wasted.get(phase.name) ?? { serverNs: 0, requests: 0 };
      wasted.set(phase.name, {
        serverNs: before.serverNs + counts.wastedNs,
        requests: before.requests + counts.wasted,
      });
    },
    wastedIn: (phase) => wasted.get(phase),
    chatIn: (phase) => chats.get(phase),
    receivedByPreviousAttempts: () =>
      Object.fromEntries([...received].sort(([a], [b]) => Number(a) - Number(b))),
    faults: () =>
      faultWindows.map(({ id, kind, phase, in: place }) => {
        const { seen, hit, hitFirst, hitFirstSum } = faultCounts.get(id) ?? NO_HITS;
        const hitSet = (hitFirstSum >>> 0).toString(16).padStart(8, '0');
        const where = place === undefined ? {} : { in: place };
        return { id, kind, phase, ...where, seen, hit, hitSet, hitFirst };
      }),
  };
}
