/**
 * The Plan: a scenario with everything resolved, ready to run.
 *
 * Plain data, the same for the same scenario, seed and options: no port, process, path or clock time
 * is in it, beside the names of files as the scenario has them. `plan.json` is this, and an analysis and
 * a report need nothing else of the scenario; nor does a run, but for the certificates and keys that it
 * names (`base/pem-file.ts`).
 */
import type { Pacing } from '../base/due-queue.js';
import type { CheckPlan } from '../checks/check.js';
import type { ClientSpec } from '../drivers/spec.js';
import type { FaultWindow } from '../faults/fault.js';
import { PROXY_NAME, type ProxySpec } from '../proxy/spec.js';
import type { BackendSpec } from '../targets/spec.js';
import type { TierPlan } from '../targets/tier.js';
import type { LoadSpec, PhaseWindow } from '../workers/spec.js';
import type { WrittenPart } from './written-setup.js';

export const PLAN_SCHEMA = 'squall/plan@1';

export interface Plan {
  readonly schema: typeof PLAN_SCHEMA;
  /** The scenario's name. */
  readonly scenario: string;
  /** Its question, in a sentence or two. */
  readonly summary: string;
  readonly seed: number;
  /** Whether the phases were shortened by `--quick`. */
  readonly quick: boolean;
  /** Length of a reporting interval. */
  readonly intervalNs: number;
  /** Number of worker threads that drive load. */
  readonly workers: number;
  readonly variants: readonly VariantPlan[];
  readonly gates: readonly GatePlan[];
  /** Sentences to the scenario's question; absent: none. */
  readonly answer?: readonly AnswerPlan[];
}

/** One way of running the scenario; variants are run one after another, each with its own targets. */
export interface VariantPlan {
  readonly name: string;
  /** What it says of itself, for people. */
  readonly about?: string;
  /** What it is made of, in the scenario's words. */
  readonly setup?: readonly WrittenPart[];
  readonly durationNs: number;
  readonly phases: readonly PhaseWindow[];
  /** The front tier's: those that the client knows. */
  readonly backends: readonly BackendSpec[];
  /** The tiers behind it, in the order of the calls; absent: none. */
  readonly tiers?: readonly TierPlan[];
  /** What stands between the load and the backends; absent: nothing. */
  readonly proxy?: ProxySpec;
  readonly client: ClientSpec;
  readonly loads: readonly LoadSpec[];
  readonly faults: readonly FaultWindow[];
  readonly checks: readonly CheckPlan[];
  /** Share of the calls that are written down one by one, on both sides; absent in older plans. */
  readonly sampleShare?: number;
  /** How workers wait for due times. */
  readonly pacing: Pacing;
}

/** A sentence as written, with places for figures, and where. */
export interface AnswerPlan {
  readonly sentence: string;
  readonly source: { readonly file: string; readonly line: number };
}

/** A gate as written, and where. */
export interface GatePlan {
  readonly expression: string;
  readonly source: { readonly file: string; readonly line: number };
}

/** What clients know backends by: their names, or one that a proxy has for all of them. */
export function namesForClients({ backends, proxy }: VariantPlan): readonly string[] {
  return proxy?.balance === undefined ? backends.map(({ name }) => name) : [PROXY_NAME];
}

/** What gates and sentences of an answer may speak of. */
export interface KnownVariants {
  /** Of all, those too that are wrong in themselves. */
  readonly names: readonly string[];
  /** Those that could be planned. */
  readonly planned: readonly VariantPlan[];
}
