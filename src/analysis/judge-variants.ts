/**
 * All variants judged, when the findings of all of them are there: a check may hold its own against
 * another's.
 */
import type { Evidence } from '../checks/evidence.js';
import type { VariantSummary } from '../metrics/summary.js';
import type { VariantPlan } from '../scenarios/plan.js';
import type { VariantAnalysis } from './variant-analysis.js';
import { judgeChecks } from './verdicts.js';

/** @param analyses by name, of every variant of the plans. */
export function judgeVariants(
  plans: readonly VariantPlan[],
  analyses: ReadonlyMap<string, VariantAnalysis>,
): VariantSummary[] {
  const found = new Map([...analyses].map(([name, analysis]) => [name, analysis.findings()]));
  const evidence: Evidence = {
    variant: (name) => found.get(name),
    durations: ({ variant, ...wanted }) => analyses.get(variant)?.durations(wanted),
    unhealthyArrivals: ({ variant, phase, service }) =>
      analyses.get(variant)?.unhealthyArrivals(phase, service) ?? [],
  };
  return plans.flatMap(({ name, checks }) => {
    const findings = found.get(name);
    if (findings === undefined) return [];
    const isSkipped = findings.skipped === true;
    return [{ ...findings, checks: isSkipped ? [] : judgeChecks(checks, findings, evidence) }];
  });
}
