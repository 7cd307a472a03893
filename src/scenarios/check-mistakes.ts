/**
 * Checks that could never be judged, held against the variant that they stand in: names that nobody has,
 * and data that the plan cannot have.
 */

import type { ArrivalKind } from '../arrivals/arrival.js';
import { arrivals } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import { didYouMean } from '../base/nearest.js';
import type { AnyCallKind } from '../calls/call.js';
import { calls } from '../calls/index.js';
import type { AnyCheckKind } from '../checks/check.js';
import { checks as catalogue } from '../checks/index.js';
import type { JudgedPlan } from '../checks/judged-plan.js';
import { methodConfigsOf } from '../drivers/method-configs.js';
import { tiersOf } from '../targets/tier.js';
import type { PlacedMistake } from './placed-mistake.js';
import { namesForClients, type VariantPlan } from './plan.js';

/**
 * @param variants names of all variants of the scenario, those that are not run among them; undefined
 *   where nobody asked for others.
 */
export function checkMistakes(
  plan: VariantPlan,
  variants: readonly string[] = [plan.name],
): PlacedMistake[] {
  const judged = judgedPlan(plan);
  const known = {
    phase: plan.phases.map(({ name }) => name),
    variant: variants,
    load: plan.loads.map(({ name }) => name),
    backend: namesForClients(plan),
    tier: tiersOf(plan).map(({ name }) => name),
  };
  return plan.checks.flatMap(({ kind, options }, index) => {
    const entry = entryOf<AnyCheckKind>(catalogue, kind);
    const path = ['checks', index, kind];
    const named = {
      phase: entry.phasesNamed(options),
      variant: entry.variantsNamed?.(options) ?? [],
      load: entry.loadsNamed?.(options) ?? [],
      backend: entry.backendsNamed?.(options) ?? [],
      tier: entry.tiersNamed?.(options) ?? [],
    };
    const unknown = (Object.keys(named) as (keyof typeof named)[]).flatMap((what) =>
      named[what]
        .filter((name) => !known[what].includes(name))
        .map((name) => ({
          path,
          message: `${kind}: there is no ${what} "${name}"`,
          hint: didYouMean(name, known[what]),
        })),
    );
    if (unknown.length > 0) return unknown;
    const refusal = entry.refusal?.(options, judged);
    return refusal === undefined ? [] : [{ path, message: `${kind}: ${refusal}` }];
  });
}

function judgedPlan(plan: VariantPlan): JudgedPlan {
  const { name, client, loads, faults } = plan;
  const has = (policy: string) =>
    methodConfigsOf(client.serviceConfig).some((one) => policy in one);
  return {
    variant: name,
    loads: loads.map((load) => ({
      name: load.name,
      longLived: entryOf<AnyCallKind>(calls, load.call.kind).longLived,
      isClosed: entryOf<ArrivalKind>(arrivals, load.arrivals.kind).loop === 'closed',
      hasDeadline: load.deadlineNs !== undefined,
    })),
    faults: faults.map(({ kind, phase }) => ({ kind, phase })),
    tiers: tiersOf(plan).map((tier) => tier.name),
    backends: tiersOf(plan).flatMap((tier) =>
      tier.backends.map((backend) => ({
        name: backend.name,
        tier: tier.name,
        hasCapacity: backend.capacity !== undefined,
        hasHealthChecks: (backend.healthChecks ?? []).length > 0,
      })),
    ),
    choices: namesForClients(plan).length,
    hedges: has('hedgingPolicy'),
    retries:
      has('retryPolicy') || client.interceptors?.some(({ kind }) => kind === 'retry') === true,
  };
}
