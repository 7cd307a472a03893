/**
 * The outcome of a run: one verdict and the program's exit code.
 *
 *   | code | verdict | when                                                                 |
 *   | ---- | ------- | -------------------------------------------------------------------- |
 *   | 0    | pass    | all checks and gates pass                                            |
 *   | 1    | fail    | a check or gate failed, in a run that can be trusted                 |
 *   | 3    | invalid | the generator was saturated or its counts contradict each other, a   |
 *   |      |         | variant did not run to its end, a result could not be saved, or a    |
 *   |      |         | check or gate could not be decided                                   |
 *   | 130  | invalid | it was interrupted                                                   |
 *
 * Invalid goes before fail: a run that cannot be trusted must read neither as a pass nor as the
 * service's failure. What failed for certain still stands among the reasons, first.
 */
import type { GateResult, GeneratorSummary, Outcome, VariantSummary } from '../metrics/summary.js';

export const EXIT_PASS = 0;
export const EXIT_FAIL = 1;
export const EXIT_INVALID = 3;
export const EXIT_INTERRUPTED = 130;

export interface OutcomeInput {
  readonly variants: readonly VariantSummary[];
  readonly generator: GeneratorSummary;
  readonly gates: readonly GateResult[];
  /** Whether it was stopped by whoever ran it. */
  readonly interrupted: boolean;
  /** Results that could not be saved: a sentence each. */
  readonly lost?: readonly string[];
}

export function outcomeOf(input: OutcomeInput): Outcome {
  const { variants, generator, gates, interrupted, lost = [] } = input;
  const claims = [
    ...variants.flatMap(({ name, checks }) =>
      checks.map((check) => ({ ...check, title: `check ${check.name} in ${name}` })),
    ),
    ...gates.map((gate) => ({ ...gate, title: `gate ${gate.expression} in ${gate.scope}` })),
  ];
  const told = (verdict: 'fail' | 'inconclusive', verb: string) =>
    claims
      .filter((claim) => claim.verdict === verdict)
      .map(({ title, why }) => `${title} ${verb}: ${why}`);
  const failed = told('fail', 'failed');
  const distrust = [
    ...(interrupted ? ['the run was interrupted'] : []),
    ...lost,
    ...generator.reasons.map((reason) => `the generator was saturated: ${reason}`),
    ...(generator.contradictions ?? []).map((one) => `the generator contradicts itself: ${one}`),
    ...variants
      .filter(({ complete, skipped }) => !complete && !skipped)
      .map(({ name, reason }) => `${name} is not complete: ${reason ?? 'no reason given'}`),
    ...told('inconclusive', 'is inconclusive'),
    ...(variants.length > 0 && variants.every(({ skipped }) => skipped)
      ? ['every variant was skipped']
      : []),
  ];
  const reasons = [...failed, ...distrust];
  if (interrupted) return { verdict: 'invalid', exitCode: EXIT_INTERRUPTED, reasons };
  if (distrust.length > 0) return { verdict: 'invalid', exitCode: EXIT_INVALID, reasons };
  if (failed.length > 0) return { verdict: 'fail', exitCode: EXIT_FAIL, reasons };
  return { verdict: 'pass', exitCode: EXIT_PASS, reasons };
}
