/**
 * A scenario file: its keys, and what each may be. docs/scenarios.md explains them.
 *
 * The schema is that of one variant, with everything laid over the base already; `variants:` and
 * `quick:` are overlays and are taken off before (see variants.ts).
 */
import { z } from 'zod';
import { PACINGS } from '../base/due-queue.js';
import { positiveDuration } from '../base/units.js';
import { checkSchema } from '../checks/index.js';
import { clientSchema } from '../drivers/client-schema.js';
import { faultSchema } from '../faults/index.js';
import { chainsSchema } from '../interceptors/chain-schema.js';
import { proxySchema } from '../proxy/spec.js';
import { targetsSchema } from '../targets/spec.js';
import { tiersSchema } from '../targets/tier.js';
import { loadSchema } from '../workers/load-schema.js';

const word = z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, ".", "-" and "_"');

const phase = z.strictObject({
  name: word,
  for: positiveDuration(),
  /** Warm-up: measured, and left out of checks and gates that do not name it. */
  discard: z.boolean().default(false),
  faults: z.array(faultSchema).default([]),
});

/** Keys that are the scenario's own and that no variant may change. */
export const SCENARIO_KEYS = [
  'name',
  'summary',
  'seed',
  'workers',
  'interval',
  'gates',
  'answer',
] as const;

export const scenarioSchema = z.strictObject({
  name: word,
  summary: z.string().min(1),
  /** Of a variant: what it does, and what to expect of it, in a sentence for the report. */
  about: z.string().min(1).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  /** Worker threads that drive the load. */
  workers: z.int().min(1).max(256).default(2),
  /** Length of a reporting interval. */
  interval: positiveDuration()
    .refine((ns) => !(ns < 50e6), { message: 'an interval is at least 50ms' })
    .default(1e9),
  targets: targetsSchema.default([{ name: 'b0', port: 0 }]),
  /** Further tiers, by name, which backends call in turn. */
  tiers: tiersSchema.default({}),
  /** What stands between the load and the targets; nothing when absent. */
  proxy: proxySchema.optional(),
  client: clientSchema.prefault({}),
  /** Chains of interceptors that others use by their names. */
  chains: chainsSchema.default({}),
  /** How workers wait for due times; by the rate of the load when absent. */
  pacing: z.enum(PACINGS).optional(),
  load: z.array(loadSchema).min(1, 'at least one load is needed'),
  phases: z.array(phase).min(1, 'at least one phase is needed'),
  /** Faults that name their phase, beside those that stand in one. */
  faults: z.array(faultSchema).default([]),
  checks: z.array(checkSchema).default([]),
  gates: z.array(z.string()).default([]),
  /** What its run has to say to its question when all checks pass: sentences with figures, `gates/answer.ts`. */
  answer: z.array(z.string().min(1)).default([]),
});

/** One variant of a scenario, parsed: units resolved, catalogue entries chosen. */
export type Scenario = z.output<typeof scenarioSchema>;

/** `variants:` maps a name to what is laid over the base, or over another variant. */
export const EXTENDS_KEY = 'extends';

/** What a variant says of itself, which one that extends it does not take over. */
export const ABOUT_KEY = 'about';
