/** From a proxy's counters, which run on, to what an interval adds to the record. */
import { SERVING_STATUSES, type ServingStatus } from '../base/serving-status.js';
import { type StatusCounts, statusName } from '../base/status.js';
import type { BackendCalls, HealthAnswers, ProxyCounts } from '../metrics/record.js';
import type { Upstream } from './balancer.js';
import type { ProxyCounters } from './proxy-counters.js';

/** @returns gives what was counted since it was last called, or since now; faults aside. */
export function takingCounts(
  counters: ProxyCounters,
): () => Omit<ProxyCounts, 'faults' | 'backends'> {
  let before = copyOf(counters);
  return () => {
    const now = copyOf(counters);
    const last = before;
    before = now;
    const { heldBytesMax } = now;
    counters.heldBytesMax = counters.heldBytes;
    const healthAnswers = healthSince(now.healthAnswers, last.healthAnswers);
    const since = (key: Running) => now[key] - last[key];
    return {
      connectionsAccepted: since('connectionsAccepted'),
      upstreamsLost: since('upstreamsLost'),
      calls: since('callsStarted'),
      callsLost: since('callsLost'),
      receivedByPreviousAttempts: attemptsSince(now.previousAttempts, last.previousAttempts),
      answeredByCode: statusesSince(now.statuses, last.statuses),
      resetsByClients: since('resetsByClients'),
      resetsByServers: since('resetsByServers'),
      ...(Object.keys(healthAnswers).length === 0 ? {} : { healthAnswers }),
      heldBytesMax,
      windowStalls: since('windowStalls'),
    };
  };
}

/** @returns gives what each was given and answered since it was last called, or since now. */
export function takingBackends(
  upstreams: readonly Pick<Upstream, 'name' | 'calls' | 'statuses'>[],
): () => Record<string, BackendCalls> {
  const read = () => upstreams.map(({ calls, statuses }) => ({ calls, statuses: [...statuses] }));
  let before = read();
  return () => {
    const last = before;
    before = read();
    return Object.fromEntries(
      upstreams.map(({ name, calls, statuses }, index) => {
        const then = last[index] ?? { calls: 0, statuses: [] };
        const answeredByCode = statusesSince(statuses, then.statuses);
        return [name, { calls: calls - then.calls, answeredByCode }];
      }),
    );
  };
}

/** Counters that only grow. */
type Running = Exclude<
  keyof ProxyCounters,
  'statuses' | 'previousAttempts' | 'healthAnswers' | 'heldBytes' | 'heldBytesMax'
>;

function copyOf(counters: ProxyCounters): ProxyCounters {
  const { statuses, previousAttempts, healthAnswers } = counters;
  return {
    ...counters,
    statuses: [...statuses],
    previousAttempts: [...previousAttempts],
    healthAnswers: { ...healthAnswers },
  };
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

function healthSince(
  now: Readonly<Record<ServingStatus, number>>,
  before: Readonly<Record<ServingStatus, number>>,
): HealthAnswers {
  const pairs = SERVING_STATUSES.map((status) => [status, now[status] - before[status]] as const);
  return Object.fromEntries(pairs.filter(([, count]) => count > 0));
}
