/**
 * From a record to findings, line by line: live while a run goes on, or from a file years later.
 *
 * Lines may come in any order and from any number of workers or shards: all that is kept are sums.
 * Memory grows with the plan's shape (variants × phases × loads × backends) and, by a few hundred
 * bytes each, with the number of intervals and events.
 */
import { RunError } from '../base/errors.js';
import type { RecordLine, RunLine } from '../metrics/record.js';
import type { GeneratorSummary, RunSummary, VariantSummary } from '../metrics/summary.js';
import type { Plan } from '../scenarios/plan.js';
import type { Findings } from './findings.js';
import { summariseGenerators } from './generator.js';
import { judgeVariants } from './judge-variants.js';
import { createVariantAnalysis } from './variant-analysis.js';

export interface Analysis {
  /** Takes a line in. @throws RunError when it is about a variant that the plan does not have. */
  add(line: RecordLine): void;
  /**
   * What was found so far; may be asked for again as more lines come.
   * @throws RunError when the record's first line, which says what run it is, has not come.
   */
  findings(): Findings;
}

export function createAnalysis(plan: Plan): Analysis {
  const variants = new Map(
    plan.variants.map((variant) => [variant.name, createVariantAnalysis(variant, plan.intervalNs)]),
  );
  let run: RunLine | undefined;
  return {
    add(line) {
      if (line.type === 'run') {
        // Records of several shards begin with a line each; the earliest start is the run's.
        if (run === undefined || line.startedAt < run.startedAt) run = line;
        return;
      }
      const variant = variants.get(line.variant);
      if (variant === undefined) {
        throw new RunError(
          `the record has a variant "${line.variant}" that its plan does not have`,
        );
      }
      variant.add(line);
    },
    findings() {
      if (run === undefined) {
        throw new RunError('the record does not say which run it is: its first line is missing');
      }
      const analyses = [...variants].map(([name, analysis]) => ({ name, analysis }));
      const endsUnixMs = analyses
        .map(({ analysis }) => analysis.endUnixMs())
        .filter((end) => end !== undefined);
      const judged = judgeVariants(plan.variants, variants);
      return {
        run: summariseRun(plan, run, endsUnixMs),
        variants: judged,
        generator: {
          ...summariseGenerators(
            analyses.map(({ name, analysis }) => ({ name, tally: analysis.generator })),
          ),
          ...contradictionsIn(judged),
        },
        distributions: analyses.flatMap(({ analysis }) => analysis.distributions()),
      };
    },
  };
}

/** Of all variants, under their names where there are several. */
function contradictionsIn(
  variants: readonly VariantSummary[],
): Pick<GeneratorSummary, 'contradictions'> {
  const contradictions = variants.flatMap(({ name, generator }) =>
    (generator.contradictions ?? []).map((one) =>
      variants.length === 1 ? one : `${name}: ${one}`,
    ),
  );
  return contradictions.length === 0 ? {} : { contradictions };
}

/** From the run's start, servers starting included, to the end of its last variant. */
function summariseRun(plan: Plan, run: RunLine, endsUnixMs: readonly number[]): RunSummary {
  const startUnixMs = Date.parse(run.startedAt);
  return {
    id: run.id,
    scenario: run.scenario,
    summary: plan.summary,
    seed: run.seed,
    version: run.version,
    startedAt: run.startedAt,
    durationMs: Math.max(0, Math.round(Math.max(startUnixMs, ...endsUnixMs) - startUnixMs)),
    host: run.host,
    quick: plan.quick,
  };
}
