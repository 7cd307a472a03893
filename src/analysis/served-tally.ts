/**
 * Which backend served what, by the servers' own counts: behind a proxy that balances, the client knows
 * one address only.
 */
import type { StatusCounts } from '../base/status.js';
import type { TargetLine } from '../metrics/record.js';
import type { PhaseWindow } from '../workers/spec.js';
import { entry } from './phase-tally.js';
import { phaseAt } from './server-tally.js';
import { sumStatusCounts } from './status-counts.js';

/** Of one backend in one phase. */
export interface Served {
  readonly attempts: number;
  readonly byCode: StatusCounts;
}

export interface ServedTally {
  add(line: TargetLine): void;
  /** By name of the backend; undefined when no server reported in the phase. */
  in(phase: string): ReadonlyMap<string, Served> | undefined;
}

export function servedTally(phases: readonly PhaseWindow[]): ServedTally {
  const byPhase = new Map<string, Map<string, Served>>();
  return {
    add({ fromNs, toNs, backend, counts }) {
      const phase = phaseAt(phases, (fromNs + toNs) / 2);
      if (phase === undefined) return;
      const backends = entry(byPhase, phase.name, () => new Map<string, Served>());
      const { attempts = 0, byCode = {} } = backends.get(backend) ?? {};
      const received = Object.values(counts.receivedByPreviousAttempts);
      backends.set(backend, {
        attempts: received.reduce((sum, count) => sum + count, attempts),
        byCode: sumStatusCounts([byCode, counts.answeredByCode]),
      });
    },
    in: (phase) => byPhase.get(phase),
  };
}
