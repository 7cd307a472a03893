/**
 * A whole run: the variants of a plan one after another, everything that is measured into one sink.
 */
import { messageOf, UserError } from '../base/errors.js';
import type { ReadNamedFile } from '../base/named-file.js';
import { RECORD_SCHEMA, type RecordSink } from '../metrics/record.js';
import type { Plan } from '../scenarios/plan.js';
import { describeHost } from './host.js';
import { missingProgram } from './missing-program.js';
import { runVariant } from './run-variant.js';

/** Of a variant that has not begun. */
const END = { type: 'variant-end', atNs: 0, complete: false } as const;

export interface RunOptions {
  /** Name of the run, `20261122T101500Z-retry-storm`. */
  readonly id: string;
  readonly startedAt: Date;
  /** Version of grpc-squall. */
  readonly version: string;
  readonly sink: RecordSink;
  /** Modules that interceptors may come from: absolute paths. */
  readonly interceptorModules?: readonly string[];
  /** Reads the files that the scenario names; needed where the plan has any left to read. */
  readonly readFile?: ReadNamedFile;
  /** Aborted when the user wants the run to end; what was measured is kept. */
  readonly interrupted: AbortSignal;
}

/**
 * Runs every variant, or as many as come to their end: one that is cut short ends the run. One that
 * needs a program which is not here is skipped, and the record says so.
 * @throws UserError when the plan cannot be started here (a port is taken).
 */
export async function runPlan(plan: Plan, options: RunOptions): Promise<void> {
  const { sink, interrupted, interceptorModules = [], readFile } = options;
  sink.write({
    type: 'run',
    schema: RECORD_SCHEMA,
    id: options.id,
    scenario: plan.scenario,
    seed: plan.seed,
    version: options.version,
    startedAt: options.startedAt.toISOString(),
    host: describeHost(),
  });
  for (const variant of plan.variants) {
    const missing = missingProgram(variant);
    if (missing !== undefined) {
      const reason = `needs ${missing}`;
      const name = variant.name;
      sink.write({ ...END, variant: name, reason, skipped: true });
      continue;
    }
    try {
      const end = await runVariant({
        plan,
        variant,
        sink,
        interrupted,
        interceptorModules,
        readFile,
      });
      if (!end.complete) return;
    } catch (cause) {
      if (cause instanceof UserError) throw cause;
      const reason = messageOf(cause);
      sink.write({ ...END, variant: variant.name, reason });
      return;
    }
    if (interrupted.aborted) return;
  }
}
