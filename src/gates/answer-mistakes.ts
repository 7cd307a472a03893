/** What is wrong with a scenario's answer before anything was run: its quantities, and the names in it. */
import { checkNames } from '../analysis/verdicts.js';
import type { Mistake } from '../base/errors.js';
import { didYouMean } from '../base/nearest.js';
import type { VariantPlan } from '../scenarios/plan.js';
import { type CheckReference, parseAnswer } from './answer.js';
import type { Quantity } from './gate.js';

type Found = Omit<Mistake, 'where'>;

/** Every mistake of one sentence, without its place: the scenario's loader knows that. */
export function answerMistakes(sentence: string, variants: readonly VariantPlan[]): Found[] {
  const { parts, mistakes } = parseAnswer(sentence);
  const wrong = mistakes.map(({ text, column, message, hint }) => ({
    message: `answer: "[[${text}]]", character ${column}: ${message}`,
    hint,
  }));
  // Without variants there is nothing to look names up in; their own mistakes are told anyway.
  if (variants.length === 0) return wrong;
  return [
    ...wrong,
    ...parts.flatMap((part) => {
      if (typeof part === 'string') return [];
      return 'check' in part ? unknownCheck(part, variants) : unknownNames(part, variants);
    }),
  ];
}

function unknownNames({ phase, variant, load }: Quantity, variants: readonly VariantPlan[]) {
  const asked = variants.filter(({ name }) => variant === undefined || variant === name);
  return [
    ...unknown('variant', variant, variants.map(nameOf)),
    ...unknown('phase', phase, (asked.length === 0 ? variants : asked).flatMap(phasesOf)),
    ...unknown(
      'load',
      load,
      variants.flatMap(({ loads }) => loads.map(nameOf)),
    ),
  ];
}

function unknownCheck({ check, variant }: CheckReference, variants: readonly VariantPlan[]) {
  const mistakes = unknown('variant', variant, variants.map(nameOf));
  if (mistakes.length > 0) return mistakes;
  const asked = variants.filter(({ name }) => variant === undefined || variant === name);
  // It is looked for in the first that is asked for, as it is when the figures are put in.
  const [first] = asked;
  if (first === undefined) return [];
  return unknown(`check in ${first.name}:`, check, checkNames(first.checks, first.name));
}

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
