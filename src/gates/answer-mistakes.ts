/** What is wrong with a scenario's answer before anything was run: its quantities, and the names in it. */
import { checkNames } from '../analysis/verdicts.js';
import type { Mistake } from '../base/errors.js';
import { didYouMean } from '../base/nearest.js';
import type { KnownVariants, VariantPlan } from '../scenarios/plan.js';
import { type CheckReference, parseAnswer } from './answer.js';
import type { Quantity } from './gate.js';

type Found = Omit<Mistake, 'where'>;

/** Every mistake of one sentence, without its place: the scenario's loader knows that. */
export function answerMistakes(sentence: string, variants: KnownVariants): Found[] {
  const { parts, mistakes } = parseAnswer(sentence);
  const wrong = mistakes.map(({ text, column, message, hint }) => ({
    message: `answer: "[[${text}]]", character ${column}: ${message}`,
    hint,
  }));
  // Without a plan there is nothing to look names up in; the variants' own mistakes are told anyway.
  if (variants.planned.length === 0) return wrong;
  return [
    ...wrong,
    ...parts.flatMap((part) => {
      if (typeof part === 'string') return [];
      return 'check' in part ? unknownCheck(part, variants) : unknownNames(part, variants);
    }),
  ];
}

function unknownNames({ phase, variant, load }: Quantity, { names, planned }: KnownVariants) {
  const asked = askedFor(variant, planned);
  // Of one that is wrong in itself nothing is known but its name.
  if (variant !== undefined && names.includes(variant) && asked.length === 0) return [];
  return [
    ...unknown('variant', variant, names),
    ...unknown('phase', phase, (asked.length === 0 ? planned : asked).flatMap(phasesOf)),
    ...unknown(
      'load',
      load,
      planned.flatMap(({ loads }) => loads.map(nameOf)),
    ),
  ];
}

function unknownCheck({ check, variant }: CheckReference, { names, planned }: KnownVariants) {
  const mistakes = unknown('variant', variant, names);
  if (mistakes.length > 0) return mistakes;
  // It is looked for in the first that is asked for, as it is when the figures are put in.
  const [first] = askedFor(variant, planned);
  if (first === undefined) return [];
  return unknown(`check in ${first.name}:`, check, checkNames(first.checks, first.name));
}

const askedFor = (variant: string | undefined, planned: readonly VariantPlan[]) =>
  planned.filter(({ name }) => variant === undefined || variant === name);

const nameOf = ({ name }: { readonly name: string }) => name;
const phasesOf = ({ phases }: VariantPlan) => phases.map(nameOf);

function unknown(what: string, name: string | undefined, known: readonly string[]): Found[] {
  if (name === undefined || known.includes(name)) return [];
  return [
    {
      message: `answer: there is no ${what} "${name}"`,
      hint: didYouMean(name, [...new Set(known)]),
    },
  ];
}
