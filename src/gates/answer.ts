/**
 * What a scenario's run has to say to its question: sentences of the scenario with figures of the run in them.
 *
 *     hedged, the slowest 1 % end within [[p(99){variant:hedged}]], and not within [[p(99){variant:plain}]]
 *     [[flapping/misroutes{variant:stock}]] attempts went where they should not
 *
 * What stands in `[[ ]]` is a gate's quantity, or a check by its name in the results. The sentences are what
 * the scenario's checks hold the run to: they are only said of a run whose checks all passed.
 */
import type { Findings } from '../analysis/findings.js';
import { formatValue } from '../metrics/figures.js';
import type { AnswerSummary, VariantSummary } from '../metrics/summary.js';
import type { Plan } from '../scenarios/plan.js';
import { type Quantity, unitOf } from './gate.js';
import { measureValue } from './measure-value.js';
import { type GateMistake, parseQuantity } from './parse-gate.js';

/** A check's result in one variant. */
export interface CheckReference {
  readonly check: string;
  readonly variant: string | undefined;
}

export type AnswerPart = string | Quantity | CheckReference;

export interface ParsedAnswer {
  readonly parts: readonly AnswerPart[];
  /** Of what stands in brackets, with the text that is wrong. */
  readonly mistakes: readonly (GateMistake & { readonly text: string })[];
}

const PLACEHOLDER = /\[\[(.*?)\]\]/g;
const CHECK = /^([\w.-]+\/[^{}]+?)(?:\{variant:([\w.-]+)\})?$/;

export function parseAnswer(sentence: string): ParsedAnswer {
  const parts: AnswerPart[] = [];
  const mistakes: ParsedAnswer['mistakes'][number][] = [];
  let from = 0;
  for (const match of sentence.matchAll(PLACEHOLDER)) {
    const [whole, text = ''] = match;
    parts.push(sentence.slice(from, match.index));
    from = match.index + whole.length;
    const [, check, variant] = CHECK.exec(text.trim()) ?? [];
    if (check !== undefined) parts.push({ check, variant });
    else {
      const parsed = parseQuantity(text);
      if ('quantity' in parsed) parts.push(parsed.quantity);
      else mistakes.push(...parsed.mistakes.map((mistake) => ({ ...mistake, text })));
    }
  }
  return { parts: [...parts, sentence.slice(from)], mistakes };
}

/**
 * @returns undefined where the scenario has no answer, or the run measured nothing that it speaks of: a
 *   sentence about a variant that was not run, or was skipped, is left out.
 */
export function answerOf(plan: Plan, findings: Findings): AnswerSummary | undefined {
  const sentences = (plan.answer ?? []).flatMap(({ sentence }) => {
    const told = parseAnswer(sentence).parts.map((part) => tell(part, plan, findings));
    return told.includes(undefined) ? [] : [told.join('')];
  });
  if (sentences.length === 0) return undefined;
  const checks = findings.variants.flatMap((variant) => variant.checks);
  return { isConfirmed: checks.every(({ verdict }) => verdict === 'pass'), sentences };
}

function tell(part: AnswerPart, plan: Plan, findings: Findings): string | undefined {
  if (typeof part === 'string') return part;
  const variant = findings.variants.find(({ name, skipped }) => {
    return !skipped && (part.variant === undefined || part.variant === name);
  });
  if (variant === undefined) return undefined;
  return 'check' in part ? tellCheck(part, variant) : tellQuantity(part, variant, plan, findings);
}

function tellCheck({ check }: CheckReference, { checks }: VariantSummary): string | undefined {
  const result = checks.find(({ name }) => name === check);
  if (result?.value === undefined) return undefined;
  return formatValue(result.value, result.unit);
}

function tellQuantity(
  quantity: Quantity,
  variant: VariantSummary,
  plan: Plan,
  { distributions }: Findings,
): string | undefined {
  const loads = plan.variants.find(({ name }) => name === variant.name)?.loads ?? [];
  const names = loads.map(({ name }) => name);
  const measured = measureValue(quantity, variant, names, distributions);
  return 'value' in measured ? formatValue(measured.value, unitOf(quantity.measure)) : undefined;
}
