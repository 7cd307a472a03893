/** `summary.json`'s document, from what was found, judged and concluded. */
import type { Findings } from '../analysis/findings.js';
import type { GateResult, Outcome, Summary } from '../metrics/summary.js';
import { SUMMARY_SCHEMA } from '../metrics/summary.js';

/** Everything of the findings but the distributions, which are in `latency.hlog`. */
export function assembleSummary(
  { run, variants, generator }: Findings,
  gates: readonly GateResult[],
  outcome: Outcome,
): Summary {
  return { schema: SUMMARY_SCHEMA, run, variants, gates, generator, outcome };
}
