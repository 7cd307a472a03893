/**
 * What interceptors counted, by phase. They count a call when it ends, in an interval; the interval goes
 * to the phase that contains its middle.
 */
import type { StatusCounts } from '../base/status.js';
import { type MergedDurations, mergedDurations } from '../metrics/merged-durations.js';
import type { InterceptorCell, LoadLine, TargetLine } from '../metrics/record.js';
import type { InterceptorSummary } from '../metrics/summary.js';
import { FRONT } from '../targets/tier.js';
import type { PhaseWindow } from '../workers/spec.js';
import { entry } from './phase-tally.js';
import { phaseAt } from './server-tally.js';
import { sumStatusCounts } from './status-counts.js';
import { withDefined } from './with-defined.js';

interface Tally {
  readonly side: InterceptorSummary['side'];
  readonly tier: string | undefined;
  readonly interceptor: string;
  readonly method: string;
  byCode: StatusCounts;
  readonly duration: MergedDurations;
  readonly events: Map<string, number>;
}

export interface InterceptorTally {
  addLoad(line: LoadLine): void;
  addTarget(line: TargetLine): void;
  /** By side, tier, name and method; undefined when none counted. */
  in(phase: string): InterceptorSummary[] | undefined;
}

/** @param tierOf the tier of a backend, by its name. */
export function interceptorTally(
  phases: readonly PhaseWindow[],
  tierOf: (backend: string) => string,
): InterceptorTally {
  const byPhase = new Map<string, Map<string, Tally>>();
  const add = (
    { fromNs, toNs }: LoadLine | TargetLine,
    side: Tally['side'],
    cells: readonly InterceptorCell[] = [],
    tier: string | undefined = undefined,
  ) => {
    const phase = phaseAt(phases, (fromNs + toNs) / 2);
    if (phase === undefined || cells.length === 0) return;
    const tallies = entry(byPhase, phase.name, () => new Map<string, Tally>());
    for (const { interceptor, method, byCode, duration, events = {} } of cells) {
      const key = `${side} ${tier ?? ''} ${interceptor} ${method}`;
      const tally = entry<Tally>(tallies, key, () => ({
        side,
        tier,
        interceptor,
        method,
        byCode: {},
        duration: mergedDurations(),
        events: new Map(),
      }));
      tally.byCode = sumStatusCounts([tally.byCode, byCode]);
      tally.duration.add(duration);
      for (const [event, count] of Object.entries(events)) {
        tally.events.set(event, (tally.events.get(event) ?? 0) + count);
      }
    }
  };
  return {
    addLoad: (line) => add(line, 'client', line.interceptors),
    addTarget(line) {
      const tier = tierOf(line.backend);
      add(line, 'server', line.counts.interceptors, tier === FRONT ? undefined : tier);
    },
    in(phase) {
      const tallies = byPhase.get(phase);
      if (tallies === undefined) return undefined;
      return [...tallies.entries()]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { duration, tier, events, ...counted }]) => ({
          ...counted,
          ...withDefined({ tier, durationUs: duration.summarise() }),
          ...(events.size === 0 ? {} : { events: sorted(events) }),
        }));
    },
  };
}

/** By name, so that a summary is the same however its lines were merged. */
function sorted(events: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...events].sort(([a], [b]) => (a < b ? -1 : 1)));
}
