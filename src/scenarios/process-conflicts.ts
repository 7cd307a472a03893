/** Faults that make no sense where they are put: beside another on one process, or on a backend that they cannot act on. */
import { entryOf } from '../base/catalogue.js';
import { formatDuration } from '../base/units.js';
import { actsOn } from '../faults/decide.js';
import type { FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { BackendSpec } from '../targets/spec.js';

/** What is wrong, without its place. */
export interface Conflict {
  readonly message: string;
  readonly hint: string;
}

/**
 * A process can have one thing done to it at a time: two faults on one process that overlap would leave
 * it to chance which is seen.
 * @param backends names of all.
 */
export function processConflicts(
  window: FaultWindow,
  others: readonly FaultWindow[],
  backends: readonly string[],
): Conflict[] {
  if (!isOnProcess(window)) return [];
  return others
    .filter((other) => isOnProcess(other))
    .filter(({ fromNs, toNs }) => window.fromNs < toNs && fromNs < window.toNs)
    .flatMap((other) => {
      const both = backends.find((name) => actsOn(window, name) && actsOn(other, name));
      if (both === undefined) return [];
      const from = formatDuration(other.fromNs);
      return [
        {
          message: `${window.kind} contradicts ${other.id}: both act on the process of "${both}" at once`,
          hint: `${other.id} lasts from ${from} to ${formatDuration(other.toNs)} of the run`,
        },
      ];
    });
}

/** A fault of the service time on a backend that has none. */
export function withoutCapacity(window: FaultWindow, backends: readonly BackendSpec[]): Conflict[] {
  const fault = entryOf<FaultKind>(faults, window.kind);
  if (fault.acts !== 'host' || fault.needsCapacity !== true) return [];
  const idle = backends.find(
    ({ name, capacity }) => capacity === undefined && actsOn(window, name),
  );
  if (idle === undefined) return [];
  return [
    {
      message: `${window.kind} acts on the service time, and backend "${idle.name}" has none`,
      hint: 'give it a "capacity" with a "serviceTime"',
    },
  ];
}

function isOnProcess({ kind }: FaultWindow): boolean {
  return entryOf<FaultKind>(faults, kind).acts === 'process';
}
