/**
 * What the server says of its health, from those who have a say in it:
 *
 *   faults   an override of one name; the latest laid counts    ─┐ first that
 *   checks   the worst of what they find                         ├ has something
 *   nobody   SERVING                                            ─┘ to say
 *
 * A name is the whole server (""), a service, or a method of it. A method follows its service in all
 * of this, until something is said of the method alone; otherwise each name has its own status.
 */
import type { ServingStatus } from '../base/serving-status.js';
import { serviceOfMethod } from './health-names.js';

/** What a check can find. UNKNOWN: it could not tell yet. */
export type CheckFinding = Exclude<ServingStatus, 'SERVICE_UNKNOWN'>;

/** Names whose status changed at once, to the same. */
export interface HealthChange {
  readonly names: readonly string[];
  /** Undefined: no longer known, since only an override had made it so. */
  readonly status: ServingStatus | undefined;
  /** What a check found, where it was a check. */
  readonly why: string | undefined;
}

export interface HealthBoard {
  /** Those that are known now, overridden ones included. */
  names(): readonly string[];
  /** What counts now; undefined for a name that is not known. */
  statusOf(name: string): ServingStatus | undefined;
  /** Lays an override over a name's status; the returned function takes it away, once. */
  override(name: string, status: ServingStatus): () => void;
  /**
   * Lets a check have a say in the status of some names, with UNKNOWN or SERVING to begin with.
   * @returns what the check calls with all that it finds.
   */
  addCheck(
    names: readonly string[],
    initial: CheckFinding,
  ): (finding: CheckFinding, why: string) => void;
  /** Calls `heard` on every change of a name's status from now on; returns a stop. */
  watch(name: string, heard: () => void): () => void;
}

interface Check {
  readonly names: readonly string[];
  finding: CheckFinding;
}

/**
 * @param known names of the whole server, services and methods; others are unknown.
 * @param onChange told of every change of what counts, before those who watch.
 */
export function createHealthBoard(
  known: readonly string[],
  onChange: (change: HealthChange) => void,
): HealthBoard {
  const overrides: { readonly name: string; readonly status: ServingStatus }[] = [];
  const checks: Check[] = [];
  const watchers = new Map<string, Set<() => void>>();

  const overrideOf = (name: string | undefined) =>
    overrides.findLast((override) => override.name === name)?.status;

  const statusOf = (name: string): ServingStatus | undefined => {
    const own = overrideOf(name);
    if (own !== undefined || !known.includes(name)) return own;
    const service = serviceOfMethod(name);
    return overrideOf(service) ?? worst(checks.filter((check) => speaksOf(check, name, service)));
  };

  /** Does something that may change statuses, and tells whoever wants to know. */
  const changing = (names: readonly string[], change: () => void, why?: string) => {
    const before = names.map(statusOf);
    change();
    const after = names.map(statusOf);
    const changed = names.filter((_, index) => before[index] !== after[index]);
    for (const status of new Set(changed.map(statusOf))) {
      onChange({ names: changed.filter((name) => statusOf(name) === status), status, why });
    }
    for (const name of changed) {
      for (const heard of watchers.get(name) ?? []) heard();
    }
  };

  return {
    names: () => [...new Set([...known, ...overrides.map(({ name }) => name)])],
    statusOf,
    override(name, status) {
      const override = { name, status };
      const touched = [...new Set([...known, name])];
      changing(touched, () => overrides.push(override));
      return () => {
        const index = overrides.indexOf(override);
        if (index !== -1) changing(touched, () => overrides.splice(index, 1));
      };
    },
    addCheck(names, initial) {
      const check: Check = { names, finding: initial };
      checks.push(check);
      return (finding, why) => {
        if (finding !== check.finding) changing(known, () => (check.finding = finding), why);
      };
    },
    watch(name, heard) {
      const listeners = watchers.get(name) ?? new Set();
      watchers.set(name, listeners.add(heard));
      return () => {
        if (listeners.delete(heard) && listeners.size === 0) watchers.delete(name);
      };
    },
  };
}

function speaksOf({ names }: Check, name: string, service: string | undefined): boolean {
  return names.includes(name) || (service !== undefined && names.includes(service));
}

/** A check that fails says more than one that cannot tell, and that more than one that is well. */
function worst(checks: readonly Check[]): CheckFinding {
  const findings = checks.map(({ finding }) => finding);
  if (findings.includes('NOT_SERVING')) return 'NOT_SERVING';
  return findings.includes('UNKNOWN') ? 'UNKNOWN' : 'SERVING';
}
