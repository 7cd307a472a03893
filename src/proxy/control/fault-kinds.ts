/** The faults that a proxy can carry out: those of the catalogue that say so themselves. */
import type { Catalogue } from '../../base/catalogue.js';
import { callFaultEnvelope, type FaultKind } from '../../faults/fault.js';
import { faults } from '../../faults/index.js';

/** By their kind. */
export const proxyFaults: Catalogue<FaultKind> = Object.fromEntries(
  Object.entries<FaultKind>(faults).filter(([, { layers }]) => layers.includes('proxy')),
);

/** What a kind says of itself. */
export interface KindView {
  readonly kind: string;
  readonly summary: string;
  readonly exercises: string;
  readonly correctClient: string;
  /** Names of the options that are its own. */
  readonly options: readonly string[];
  /** Names of those that say when it acts, and on what. */
  readonly targeting: readonly string[];
}

/** Keys of scenarios; a proxy alone has neither phases nor named backends. */
export const SCENARIO_KEYS: readonly string[] = ['phase', 'backends', 'zones'];

/** @param isCarried whether a proxy carries a kind out: one that passes octets through does not all. */
export function kindViews(isCarried: (fault: FaultKind) => boolean): KindView[] {
  const carried = Object.values(proxyFaults).filter(isCarried);
  return carried.map((entry) => {
    const { kind, summary, exercises, correctClient } = entry;
    // Every kind's schema is a map, with or without checks of its own around it.
    const { shape = {} } = entry.schema as { readonly shape?: object };
    const keys = Object.keys(shape).filter((key) => !SCENARIO_KEYS.includes(key));
    return {
      kind,
      summary,
      exercises,
      correctClient,
      options: keys.filter((key) => !(key in callFaultEnvelope)),
      targeting: keys.filter((key) => key in callFaultEnvelope),
    };
  });
}
