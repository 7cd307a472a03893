/** What a variant needs that is not on this machine: it is skipped then, and said to be. */
import { pathOfProgram } from '../proxy/programs.js';
import type { VariantPlan } from '../scenarios/plan.js';

/** @returns the name of a program, or undefined when all is there. */
export function missingProgram({ proxy }: VariantPlan): string | undefined {
  if (proxy?.program === undefined) return undefined;
  return pathOfProgram(proxy.program) === undefined ? proxy.program : undefined;
}
