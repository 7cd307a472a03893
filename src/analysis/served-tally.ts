/**
 * Which backend served what, behind a proxy that balances, where the client knows one address only: by
 * the servers' own counts, or by the proxy's where servers of others do not count for us.
 */
import type { StatusCounts } from '../base/status.js';
import type { ProxyLine, TargetLine } from '../metrics/record.js';
import type { PhaseWindow } from '../workers/spec.js';
import { entry } from './phase-tally.js';
import { phaseAt } from './server-tally.js';
import { sumStatusCounts } from './status-counts.js';

/** Of one backend in one phase. */
export interface Served {
  readonly attempts: number;
  readonly byCode: StatusCounts;
}

/** By name of the backend. */
export interface ServedBackends {
  readonly countedBy: 'servers' | 'proxy';
  readonly backends: ReadonlyMap<string, Served>;
}

export interface ServedTally {
  add(line: TargetLine): void;
  addProxy(line: ProxyLine): void;
  /** Undefined when neither reported in the phase. */
  in(phase: string): ServedBackends | undefined;
}

export function servedTally(phases: readonly PhaseWindow[]): ServedTally {
  const byServers = new Map<string, Map<string, Served>>();
  const byProxy = new Map<string, Map<string, Served>>();
  const count = (
    tallies: typeof byServers,
    { fromNs, toNs }: Pick<TargetLine, 'fromNs' | 'toNs'>,
    name: string,
    more: Served,
  ) => {
    const phase = phaseAt(phases, (fromNs + toNs) / 2);
    if (phase === undefined) return;
    const backends = entry(tallies, phase.name, () => new Map<string, Served>());
    const { attempts = 0, byCode = {} } = backends.get(name) ?? {};
    backends.set(name, {
      attempts: attempts + more.attempts,
      byCode: sumStatusCounts([byCode, more.byCode]),
    });
  };
  return {
    add(line) {
      const { receivedByPreviousAttempts: received, answeredByCode: byCode } = line.counts;
      const attempts = Object.values(received).reduce((sum, more) => sum + more, 0);
      count(byServers, line, line.backend, { attempts, byCode });
    },
    addProxy(line) {
      for (const [name, one] of Object.entries(line.counts?.backends ?? {})) {
        count(byProxy, line, name, { attempts: one.calls, byCode: one.answeredByCode });
      }
    },
    in(phase) {
      const servers = byServers.get(phase);
      if (servers !== undefined) return { countedBy: 'servers', backends: servers };
      const proxy = byProxy.get(phase);
      return proxy && { countedBy: 'proxy', backends: proxy };
    },
  };
}
