/**
 * The terminal report's words, a line each: what those that stand in its tables mean, of those that do. Who
 * reads a report has not read docs/measurement.md, which has all of them, exactly.
 */
import { entryOf } from '../base/catalogue.js';
import type { FaultKind } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { PhaseSummary, VariantSummary } from '../metrics/summary.js';
import { labelled, type Style } from './terminal-style.js';

interface Word {
  readonly word: string;
  readonly meaning: string;
  isUsed(phases: readonly PhaseSummary[], variants: readonly VariantSummary[]): boolean;
}

const WORDS: readonly Word[] = [
  {
    word: 'phase',
    meaning: 'calls count in the phase in which they were due, whenever they ended',
    isUsed: () => true,
  },
  {
    word: 'good',
    meaning: 'OK, and within its deadline if it has one, counted from when the call was due',
    isUsed: () => true,
  },
  {
    word: 'Jain',
    meaning: 'how evenly attempts were spread: 1 the same for all n backends, 1/n all on one',
    isUsed: (phases) => phases.some(({ fairness }) => fairness !== undefined),
  },
  {
    word: 'server time wasted',
    meaning: 'time in service, not CPU time, for calls that nobody waited for any more',
    isUsed: (phases) => phases.some(({ deadline }) => (deadline?.wastedServerMs ?? 0) > 0),
  },
  {
    word: 'set',
    meaning: 'stands for the calls whose first attempt was hit: the same set, the same calls',
    isUsed: (_, variants) => variants.some((variant) => variant.faults.some(hasSet)),
  },
];

/** Of calls alone; other faults hit connections, or a server as a whole. */
const hasSet = ({ kind, seen }: VariantSummary['faults'][number]) =>
  seen > 0 && entryOf<FaultKind>(faults, kind).acts === 'call';

/** Undefined where nothing ran. */
export function wordsUsed(style: Style, variants: readonly VariantSummary[]): string | undefined {
  const phases = variants.flatMap((variant) => variant.phases);
  if (phases.length === 0) return undefined;
  const used = WORDS.filter(({ isUsed }) => isUsed(phases, variants));
  const width = Math.max(...used.map(({ word }) => word.length));
  const lines = used.map(({ word, meaning }) => labelled(style, word.padEnd(width), meaning));
  return lines.join('\n');
}
