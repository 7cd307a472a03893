/** What is wrong with a gate before it is ever evaluated: its grammar, and the names it refers to. */
import type { Mistake } from '../base/errors.js';
import { didYouMean } from '../base/nearest.js';
import type { GatePlan, KnownVariants } from '../scenarios/plan.js';
import { gateReferences } from './gate.js';
import { parseGate } from './parse-gate.js';

/** Every mistake of one gate, without its place: the scenario's loader knows that. */
export function gateMistakes(
  { expression }: GatePlan,
  { names, planned }: KnownVariants,
): Omit<Mistake, 'where'>[] {
  const parsed = parseGate(expression);
  if ('mistakes' in parsed) {
    return parsed.mistakes.map(({ column, message, hint }) => ({
      message: `gate "${expression}", character ${column}: ${message}`,
      hint,
    }));
  }
  // Without a plan there is nothing to look names up in; the variants' own mistakes are told anyway.
  if (planned.length === 0) return [];
  const references = gateReferences(parsed.gate);
  const known = {
    phase: planned.flatMap(({ phases }) => phases.map(({ name }) => name)),
    variant: names,
    load: planned.flatMap(({ loads }) => loads.map(({ name }) => name)),
  };
  const unknown = (what: keyof typeof known, asked: readonly string[]) =>
    asked
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
