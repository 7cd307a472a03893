/**
 * Tiers of targets: the front one, which clients call, and those behind it, each called by the one before.
 *
 *   clients ──► front ──► middle ──► back
 */
import { z } from 'zod';
import { namingKnownKeys } from '../base/known-keys.js';
import { type BackendSpec, targetsSchemaOf, type WrittenBackend } from './spec.js';

/** Name of the tier that `targets:` describes. */
export const FRONT = 'front';

/** How many tiers a chain has at most, the front one counted. */
export const TIERS_MAX = 5;

/** A tier as it stands in a plan. */
export interface TierPlan {
  readonly name: string;
  /** All of a tier call the same next tier, or none. */
  readonly backends: readonly BackendSpec[];
}

/** The tiers of a variant, from the client on. */
export function tiersOf({
  backends,
  tiers = [],
}: {
  readonly backends: readonly BackendSpec[];
  readonly tiers?: readonly TierPlan[];
}): readonly TierPlan[] {
  return [{ name: FRONT, backends }, ...tiers];
}

const TIER_NAME = /^[\w.-]+$/;

/**
 * The `tiers:` part of a scenario: by name what `targets:` is for the front one. Backends that are not
 * named are `<tier>-0`, `<tier>-1` … , so each tier has a schema of its own.
 */
export const tiersSchema = z.record(z.string(), z.unknown()).transform((written, context) => {
  const tiers: Record<string, WrittenBackend[]> = {};
  for (const [name, targets] of Object.entries(written)) {
    if (!TIER_NAME.test(name)) {
      const message = 'a name has letters, digits, ".", "-" and "_"';
      context.issues.push({ code: 'custom', message, path: [name], input: name });
    }
    const parsed = targetsSchemaOf(`${name}-`).safeParse(targets, { error: namingKnownKeys });
    if (parsed.success) tiers[name] = parsed.data;
    for (const issue of parsed.error?.issues ?? []) {
      const path = [name, ...issue.path];
      context.issues.push({ ...issue, path, input: targets } as z.core.$ZodRawIssue);
    }
  }
  return tiers;
});
