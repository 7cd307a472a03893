/**
 * What a check is: a claim about how the client and the server behaved, judged from the findings of
 * one variant, and where it compares, of others.
 *
 * A check never sees raw records and never measures. It answers with a value, what was expected of it,
 * and one sentence of why that names numbers, backends and times. When the data cannot decide it says
 * `inconclusive`, and what would.
 */
import type { z } from 'zod';
import type { CatalogueEntry } from '../base/catalogue.js';
import type { CheckResult, PhaseSummary, VariantSummary } from '../metrics/summary.js';
import type { Evidence } from './evidence.js';
import type { JudgedPlan } from './judged-plan.js';

/** What a check may look at: everything found about one variant, but other checks' results. */
export type VariantFindings = Omit<VariantSummary, 'checks'>;

/** A check's answer; the name is added by whoever asked. */
export type Judgement = Omit<CheckResult, 'name'>;

export interface CheckKind<Options> extends CatalogueEntry {
  readonly schema: z.ZodType<Options>;
  /**
   * Whether it rests on the generator's timing. Such a check is never `pass` when the generator was
   * saturated, in this variant or in one that it names; counts and ratios of counts still are.
   */
  readonly restsOnTiming: boolean;
  /**
   * What of several things it measures, for its name in the results, where one kind measures several that
   * are not to be mistaken for each other: `connects`.
   */
  measured?(options: Options): string;
  /** Names of the phases that the options mention, so that a misspelt one is refused before a run. */
  phasesNamed(options: Options): readonly string[];
  /** Other names that the options mention, refused alike. */
  variantsNamed?(options: Options): readonly string[];
  loadsNamed?(options: Options): readonly string[];
  backendsNamed?(options: Options): readonly string[];
  /** Of a chain: `front` and those behind it. */
  tiersNamed?(options: Options): readonly string[];
  /**
   * Why a variant planned like this can never have the data, as a sentence without its kind; undefined
   * when it can. Asked only where all names are known.
   */
  refusal?(options: Options, plan: JudgedPlan): string | undefined;
  judge(options: Options, findings: VariantFindings, evidence: Evidence): Judgement;
}

// biome-ignore lint/suspicious/noExplicitAny: options are checked by each kind's own schema.
export type AnyCheckKind = CheckKind<any>;

/** A check that its own variant's findings suffice. */
export interface PlainCheckKind<Options> extends CheckKind<Options> {
  judge(options: Options, findings: VariantFindings): Judgement;
}

/** Keeps an entry's option type inferred. */
export const defineCheck = <Options>(kind: PlainCheckKind<Options>) => kind;

/** The same of a check that asks for evidence beyond its own variant's findings. */
export const defineEvidenceCheck = <Options>(kind: CheckKind<Options>) => kind;

/** Stands beside a check's kind. */
export const SHOWS_KEY = 'shows';

/** A check as it stands in a plan. */
export interface CheckPlan {
  readonly kind: string;
  readonly options: unknown;
  /** What it shows when it passes, in the scenario's words. */
  readonly shows?: string | undefined;
}

/** The phase of that name; the plan has made sure that there is one, but a run may stop before it. */
export function phaseNamed(findings: VariantFindings, name: string): PhaseSummary | undefined {
  return findings.phases.find((phase) => phase.name === name);
}
