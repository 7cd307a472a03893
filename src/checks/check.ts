/**
 * What a check is: a claim about how the client and the server behaved, judged from the findings of
 * one variant.
 *
 * A check never sees raw records and never measures. It answers with a value, what was expected of it,
 * and one sentence of why that names numbers, backends and times. When the data cannot decide it says
 * `inconclusive`, and what would.
 */
import type { z } from 'zod';
import type { CatalogueEntry } from '../base/catalogue.js';
import type { CheckResult, PhaseSummary, VariantSummary } from '../metrics/summary.js';

/** What a check may look at: everything found about one variant, but other checks' results. */
export type VariantFindings = Omit<VariantSummary, 'checks'>;

/** A check's answer; the name is added by whoever asked. */
export type Judgement = Omit<CheckResult, 'name'>;

export interface CheckKind<Options> extends CatalogueEntry {
  readonly schema: z.ZodType<Options>;
  /**
   * Whether it rests on the generator's timing. Such a check is never `pass` when the generator was
   * saturated; counts and ratios of counts still are.
   */
  readonly restsOnTiming: boolean;
  /** Names of the phases that the options mention, so that a misspelt one is refused before a run. */
  phasesNamed(options: Options): readonly string[];
  judge(options: Options, findings: VariantFindings): Judgement;
}

// biome-ignore lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type AnyCheckKind = CheckKind<any>;

/** Keeps an entry's option type inferred. */
export const defineCheck = <Options>(kind: CheckKind<Options>) => kind;

/** A check as it stands in a plan. */
export interface CheckPlan {
  readonly kind: string;
  readonly options: unknown;
}

/** The phase of that name; the plan has made sure that there is one, but a run may stop before it. */
export function phaseNamed(findings: VariantFindings, name: string): PhaseSummary | undefined {
  return findings.phases.find((phase) => phase.name === name);
}
