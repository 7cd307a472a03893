/**
 * Faults that only a proxy can play, in a scenario that has none: left to run they would do nothing,
 * and that would look like a client that stands everything.
 */
import { entryOf } from '../base/catalogue.js';
import type { FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { Conflict } from './process-conflicts.js';
import type { Scenario } from './scenario-schema.js';

/** Whether a scenario puts a proxy before its backends. No scenario can yet. */
export function hasProxy(_scenario: Scenario): boolean {
  return false;
}

/** @param isThere whether there is a proxy. */
export function withoutProxy({ kind }: FaultWindow, isThere: boolean): Conflict[] {
  const { layers } = entryOf<FaultKind>(faults, kind);
  if (isThere || layers.some((layer) => layer !== 'proxy')) return [];
  return [
    {
      message: `${kind} needs a proxy between clients and backends, and the scenario has none`,
      hint: 'proxies in scenarios are not there yet',
    },
  ];
}
