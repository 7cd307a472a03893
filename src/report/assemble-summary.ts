/** `summary.json`'s document, from what was found, judged and concluded. */
import type { Findings } from '../analysis/findings.js';
import type { AnswerSummary, GateResult, Outcome, Summary } from '../metrics/summary.js';
import { SUMMARY_SCHEMA } from '../metrics/summary.js';

/** Everything of the findings but the distributions, which are in `latency.hlog`. */
export function assembleSummary(
  { run, variants, generator }: Findings,
  gates: readonly GateResult[],
  answer: AnswerSummary | undefined,
  outcome: Outcome,
): Summary {
  const optional = answer === undefined ? {} : { answer };
  return { schema: SUMMARY_SCHEMA, run, variants, gates, ...optional, generator, outcome };
}
