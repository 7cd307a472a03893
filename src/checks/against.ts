/**
 * A phase of one variant held against the same phase of another: what checks of that kind have in common.
 * In go the options that name both, out come the two phases, or the answer where there is one only.
 */
import type { PhaseSummary } from '../metrics/summary.js';
import { type CheckKind, type Judgement, phaseNamed, type VariantFindings } from './check.js';
import type { Evidence } from './evidence.js';
import { notReached, undecided } from './phase-answers.js';

export interface AgainstOptions {
  readonly phase: string;
  /** The other variant. */
  readonly against: string;
}

/** What there is to compare. */
export interface BothSides<Options> {
  readonly options: Options;
  /** What was expected, for the judgement. */
  readonly expected: string;
  readonly findings: VariantFindings;
  readonly evidence: Evidence;
  readonly own: PhaseSummary;
  readonly theirs: PhaseSummary;
}

export interface AgainstKind<Options>
  extends Omit<CheckKind<Options>, 'phasesNamed' | 'variantsNamed' | 'judge'> {
  readonly unit: string;
  /** `<= 2`. */
  expected(options: Options): string;
  /** Asked when both variants came to the phase. */
  compare(sides: BothSides<Options>): Judgement;
}

/** A check that compares; one of a variant with itself is refused. */
export function defineAgainstCheck<Options extends AgainstOptions>(
  kind: AgainstKind<Options>,
): CheckKind<Options> {
  const { unit, expected: expectedOf, compare, ...rest } = kind;
  return {
    ...rest,
    phasesNamed: ({ phase }) => [phase],
    variantsNamed: ({ against }) => [against],
    refusal(options, plan) {
      if (options.against === plan.variant) return `${plan.variant} is held against itself`;
      return kind.refusal?.(options, plan);
    },
    judge(options, findings, evidence) {
      const { phase, against } = options;
      const expected = expectedOf(options);
      const own = phaseNamed(findings, phase);
      if (own === undefined) return undecided(expected, unit, notReached(phase));
      const other = evidence.variant(against);
      if (other === undefined) {
        const why = `${against} was not run; a run of both variants would decide it`;
        return undecided(expected, unit, why);
      }
      const theirs = phaseNamed(other, phase);
      if (theirs === undefined) {
        return undecided(expected, unit, `${against}: ${notReached(phase)}`);
      }
      return compare({ options, expected, findings, evidence, own, theirs });
    },
  };
}
