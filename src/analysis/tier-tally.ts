/**
 * What the tiers of a chain got and did, by phase: how far retries on each hop multiply what a client
 * asks for, and how much of the work nobody waited for.
 *
 * A server does not know in which phase a call was due, so its interval goes to the phase that
 * contains the interval's middle.
 */
import type { StatusCounts } from '../base/status.js';
import type { TargetLine } from '../metrics/record.js';
import type { TierSummary } from '../metrics/summary.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { FRONT, tiersOf } from '../targets/tier.js';
import { entry } from './phase-tally.js';
import { phaseAt } from './server-tally.js';
import { sumStatusCounts } from './status-counts.js';
import { withDefined } from './with-defined.js';

const NS_PER_MS = 1e6;

interface Tally {
  attempts: number;
  cancelled: number;
  byCode: StatusCounts;
  busyNs: number;
  servedNs: number;
  wastedNs: number;
  wastedRequests: number;
  outlived: number;
}

export interface TierTally {
  add(line: TargetLine): void;
  /**
   * All tiers, from the front one on; undefined where the front one is all there is.
   * @param calls that the client started in the phase.
   */
  in(phase: string, calls: number): TierSummary[] | undefined;
}

/** The tier of a backend, by its name; one that the plan does not know is taken for a front one. */
export function tierNames(plan: VariantPlan): (backend: string) => string {
  const tiers = new Map(
    tiersOf(plan).flatMap(({ name, backends }) =>
      backends.map((backend) => [backend.name, name] as const),
    ),
  );
  return (backend) => tiers.get(backend) ?? FRONT;
}

export function tierTally(plan: VariantPlan): TierTally {
  const names = tiersOf(plan).map(({ name }) => name);
  const tierOf = tierNames(plan);
  const byPhase = new Map<string, Map<string, Tally>>();
  return {
    add({ backend, fromNs, toNs, counts }) {
      const phase = phaseAt(plan.phases, (fromNs + toNs) / 2);
      if (phase === undefined) return;
      const tallies = entry(byPhase, phase.name, () => new Map<string, Tally>());
      const tally = entry(tallies, tierOf(backend), emptyTally);
      tally.attempts += sumOf(Object.values(counts.receivedByPreviousAttempts));
      tally.cancelled += counts.cancelled;
      tally.byCode = sumStatusCounts([tally.byCode, counts.answeredByCode]);
      tally.busyNs += counts.busyNs;
      tally.servedNs += counts.servedNs;
      tally.wastedNs += counts.wastedNs;
      tally.wastedRequests += counts.wasted;
      tally.outlived += counts.outlived ?? 0;
    },
    in(phase, calls) {
      if (names.length === 1) return undefined;
      let before = calls;
      return names.map((name, index): TierSummary => {
        const tally = byPhase.get(phase)?.get(name) ?? emptyTally();
        const { attempts, cancelled, byCode, wastedRequests, outlived } = tally;
        const ratios = {
          amplification: calls === 0 ? undefined : attempts / calls,
          hopAmplification: before === 0 ? undefined : attempts / before,
        };
        before = attempts;
        return {
          name,
          attempts,
          ...withDefined(ratios),
          byCode,
          cancelled,
          busyServerMs: tally.busyNs / NS_PER_MS,
          servedServerMs: tally.servedNs / NS_PER_MS,
          wastedServerMs: tally.wastedNs / NS_PER_MS,
          wastedRequests,
          ...(index < names.length - 1 && { outlived }),
        };
      });
    },
  };
}

function emptyTally(): Tally {
  return {
    attempts: 0,
    cancelled: 0,
    byCode: {},
    busyNs: 0,
    servedNs: 0,
    wastedNs: 0,
    wastedRequests: 0,
    outlived: 0,
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
