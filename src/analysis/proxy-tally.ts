/**
 * What our proxy saw, by phase. It does not know in which phase a call was due, so its interval goes to
 * the phase that contains the interval's middle, as a server's does.
 */
import type { ProxyCounts, ProxyLine } from '../metrics/record.js';
import type { ProxySummary } from '../metrics/summary.js';
import type { PhaseWindow } from '../workers/spec.js';
import { phaseAt } from './server-tally.js';
import { sumStatusCounts } from './status-counts.js';

export interface ProxyTally {
  add(line: ProxyLine): void;
  /** Undefined when nothing was counted in the phase. */
  in(phase: string): ProxySummary | undefined;
}

export function proxyTally(phases: readonly PhaseWindow[]): ProxyTally {
  const byPhase = new Map<string, ProxySummary>();
  return {
    add({ fromNs, toNs, counts }) {
      const phase = phaseAt(phases, (fromNs + toNs) / 2);
      if (phase === undefined || counts === undefined) return;
      const before = byPhase.get(phase.name);
      byPhase.set(phase.name, before === undefined ? seen(counts) : sum(before, seen(counts)));
    },
    in: (phase) => byPhase.get(phase),
  };
}

function seen(counts: ProxyCounts): ProxySummary {
  const { faults: _, backends: __, upstreamsLost, answeredByCode, ...alike } = counts;
  return { ...alike, backendConnectionsLost: upstreamsLost, byCode: answeredByCode };
}

function sum(a: ProxySummary, b: ProxySummary): ProxySummary {
  return {
    connectionsAccepted: a.connectionsAccepted + b.connectionsAccepted,
    backendConnectionsLost: a.backendConnectionsLost + b.backendConnectionsLost,
    calls: a.calls + b.calls,
    callsLost: a.callsLost + b.callsLost,
    receivedByPreviousAttempts: sumCounts(
      a.receivedByPreviousAttempts,
      b.receivedByPreviousAttempts,
    ),
    byCode: sumStatusCounts([a.byCode, b.byCode]),
    resetsByClients: a.resetsByClients + b.resetsByClients,
    resetsByServers: a.resetsByServers + b.resetsByServers,
    ...healthOf(a, b),
    heldBytesMax: Math.max(a.heldBytesMax, b.heldBytesMax),
    windowStalls: a.windowStalls + b.windowStalls,
  };
}

function healthOf(a: ProxySummary, b: ProxySummary): Pick<ProxySummary, 'healthAnswers'> {
  const healthAnswers = sumCounts(a.healthAnswers ?? {}, b.healthAnswers ?? {});
  return Object.keys(healthAnswers).length === 0 ? {} : { healthAnswers };
}

type Counts = Readonly<Record<string, number>>;

function sumCounts(a: Counts, b: Counts): Counts {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(keys.map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]));
}
