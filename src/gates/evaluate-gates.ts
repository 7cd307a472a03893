/**
 * The gates of a plan, evaluated on what was found: one result per gate and variant in its scope.
 *
 * A gate that rests on the generator's timing is inconclusive when the generator was saturated, and
 * any gate is when nothing was measured: neither is a pass, and neither is the service's failure.
 */

import type { Findings } from '../analysis/findings.js';
import { UserError } from '../base/errors.js';
import { formatValue } from '../metrics/figures.js';
import type { GateResult, VariantSummary } from '../metrics/summary.js';
import type { GatePlan, Plan } from '../scenarios/plan.js';
import { type Gate, holds, restsOnTiming, unitOf } from './gate.js';
import { measureValue } from './measure-value.js';
import { parseGate } from './parse-gate.js';

/** @throws UserError with every mistake, when an expression of the plan is none. */
export function evaluateGates(plan: Plan, findings: Findings): GateResult[] {
  const gates = plan.gates.map((gatePlan) => ({ gatePlan, gate: parsePlanned(gatePlan) }));
  return gates.flatMap(({ gatePlan, gate }) =>
    findings.variants
      .filter(({ skipped }) => !skipped)
      .filter(({ name }) => gate.variant === undefined || gate.variant === name)
      .map((variant) => evaluate(gate, gatePlan, variant, plan, findings)),
  );
}

/**
 * The loader has refused expressions that cannot be parsed; a plan may have been written by hand.
 */
function parsePlanned({ expression, source }: GatePlan): Gate {
  const parsed = parseGate(expression);
  if ('gate' in parsed) return parsed.gate;
  throw new UserError(
    parsed.mistakes.map(({ column, message, hint }) => ({
      where: `${source.file}:${source.line}`,
      message: `gate "${expression}", character ${column}: ${message}`,
      hint,
    })),
  );
}

function evaluate(
  gate: Gate,
  { expression, source }: GatePlan,
  variant: VariantSummary,
  plan: Plan,
  findings: Findings,
): GateResult {
  const unit = unitOf(gate.measure);
  const loads = plan.variants.find(({ name }) => name === variant.name)?.loads ?? [];
  const measured = measureValue(
    gate,
    variant,
    loads.map(({ name }) => name),
    findings.distributions,
  );
  const common = { expression, scope: variant.name, unit, source };
  if ('unmeasured' in measured) {
    return { ...common, verdict: 'inconclusive', why: `nothing to judge: ${measured.unmeasured}` };
  }
  const { value, basis } = measured;
  const verdict = holds(value, gate.comparison, gate.threshold) ? 'pass' : 'fail';
  const why = `${formatValue(value, unit)}, from ${basis}`;
  if (variant.generator.saturated && restsOnTiming(gate.measure)) {
    const distrust = `the generator was saturated (${variant.generator.reasons.join('; ')})`;
    return { ...common, verdict: 'inconclusive', value, why: `${why}; but ${distrust}` };
  }
  return { ...common, verdict, value, why };
}
