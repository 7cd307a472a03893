/** From a proxy's counters, which run on, to what an interval adds to the record. */
import { type StatusCounts, statusName } from '../base/status.js';
import type { ProxyCounts } from '../metrics/record.js';
import type { ProxyCounters } from './proxy-counters.js';

/** @returns gives what was counted since it was last called, or since now; faults aside. */
export function takingCounts(counters: ProxyCounters): () => Omit<ProxyCounts, 'faults'> {
  let before = copyOf(counters);
  return () => {
    const now = copyOf(counters);
    const last = before;
    before = now;
    const { heldBytesMax } = now;
    counters.heldBytesMax = counters.heldBytes;
    const since = (key: Running) => now[key] - last[key];
    return {
      connectionsAccepted: since('connectionsAccepted'),
      upstreamsLost: since('upstreamsLost'),
      calls: since('callsStarted'),
      callsLost: since('callsLost'),
      receivedByPreviousAttempts: attemptsSince(now.attempts, last.attempts),
      answeredByCode: statusesSince(now.statuses, last.statuses),
      resetsByClients: since('resetsByClients'),
      resetsByServers: since('resetsByServers'),
      heldBytesMax,
      windowStalls: since('windowStalls'),
    };
  };
}

/** Counters that only grow. */
type Running = Exclude<keyof ProxyCounters, 'statuses' | 'attempts' | 'heldBytes' | 'heldBytesMax'>;

function copyOf(counters: ProxyCounters): ProxyCounters {
  return { ...counters, statuses: [...counters.statuses], attempts: [...counters.attempts] };
}

function attemptsSince(now: readonly number[], before: readonly number[]): Record<string, number> {
  const since: Record<string, number> = {};
  now.forEach((count, previous) => {
    const more = count - (before[previous] ?? 0);
    if (more > 0) since[previous] = more;
  });
  return since;
}

function statusesSince(now: readonly number[], before: readonly number[]): StatusCounts {
  const byCode: StatusCounts = {};
  for (const [code, count] of now.entries()) {
    const since = count - (before[code] ?? 0);
    if (since > 0) byCode[statusName(code)] = since;
  }
  return byCode;
}
