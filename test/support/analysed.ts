/** What the analysis makes of made-up lines: a plan and its lines come in, go out the findings. */
import assert from 'node:assert/strict';
import { createAnalysis } from '../../src/analysis/analysis.js';
import type { Findings } from '../../src/analysis/findings.js';
import type { RecordLine } from '../../src/metrics/record.js';
import type { VariantSummary } from '../../src/metrics/summary.js';
import type { Plan, VariantPlan } from '../../src/scenarios/plan.js';
import { aPlan, aRunLine, aVariantLine } from './record-lines.js';

/** Of a whole record, its first line and all. */
export function analysed(plan: Plan, lines: Iterable<RecordLine>): Findings {
  const analysis = createAnalysis(plan);
  for (const line of lines) analysis.add(line);
  return analysis.findings();
}

/** Of a run of these variants; the run's own line goes before the others. */
export const findingsOf = (
  variants: readonly VariantPlan[],
  ...lines: readonly RecordLine[]
): Findings => analysed(aPlan(variants), [aRunLine(), ...lines]);

/** What is found of a run's one variant; the lines of the run and of its beginning go before the others. */
export function variantOf(plan: VariantPlan, ...lines: readonly RecordLine[]): VariantSummary {
  const { variants } = findingsOf([plan], aVariantLine(plan.name), ...lines);
  return variants[0] ?? assert.fail('no variant was found');
}
