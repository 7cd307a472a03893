/** What is wrong with a gate before it is ever evaluated: its grammar, and the names it refers to. */
import type { Mistake } from '../base/errors.js';
import { didYouMean } from '../base/nearest.js';
import type { GatePlan, VariantPlan } from '../scenarios/plan.js';
import { gateReferences } from './gate.js';
import { parseGate } from './parse-gate.js';

/** Every mistake of one gate, without its place: the scenario's loader knows that. */
export function gateMistakes(
  { expression }: GatePlan,
  variants: readonly VariantPlan[],
): Omit<Mistake, 'where'>[] {
  const parsed = parseGate(expression);
  if ('mistakes' in parsed) {
    return parsed.mistakes.map(({ column, message, hint }) => ({
      message: `gate "${expression}", character ${column}: ${message}`,
      hint,
    }));
  }
  // Without variants there is nothing to look names up in; their own mistakes are told anyway.
  if (variants.length === 0) return [];
  const references = gateReferences(parsed.gate);
  const known = {
    phase: variants.flatMap(({ phases }) => phases.map(({ name }) => name)),
    variant: variants.map(({ name }) => name),
    load: variants.flatMap(({ loads }) => loads.map(({ name }) => name)),
  };
  const unknown = (what: keyof typeof known, names: readonly string[]) =>
    names
      .filter((name) => !known[what].includes(name))
      .map((name) => ({
        message: `gate "${expression}": there is no ${what} "${name}"`,
        hint: didYouMean(name, [...new Set(known[what])]),
      }));
  return [
    ...unknown('phase', references.phases),
    ...unknown('variant', references.variants),
    ...unknown('load', references.loads),
  ];
}
