/** What was recorded of the calls due in one phase: tallies by load and by backend. */
import type { LoadLine } from '../metrics/record.js';
import { type AttemptTally, addAttemptCell, emptyAttemptTally } from './attempt-tally.js';
import { addCallCell, type CallTally, emptyCallTally } from './call-tally.js';
import { addStreamCell, emptyStreamTally, type StreamTally } from './stream-tally.js';

export interface PhaseTally {
  /** By name of the load. */
  readonly calls: Map<string, CallTally>;
  /** By address of the backend. */
  readonly attempts: Map<string, AttemptTally>;
  /** Absent while no stream was recorded. */
  streams?: StreamTally;
}

export function emptyPhaseTally(): PhaseTally {
  return { calls: new Map(), attempts: new Map() };
}

/** Adds a worker's interval to the tallies of the phases in which its calls were due. */
export function addLoadLine(phaseOf: (name: string) => PhaseTally, line: LoadLine): void {
  for (const cell of line.calls) {
    addCallCell(entry(phaseOf(cell.phase).calls, cell.load, emptyCallTally), cell);
  }
  for (const cell of line.attempts) {
    addAttemptCell(entry(phaseOf(cell.phase).attempts, cell.backend, emptyAttemptTally), cell);
  }
  for (const cell of line.streams) {
    const phase = phaseOf(cell.phase);
    phase.streams ??= emptyStreamTally();
    addStreamCell(phase.streams, cell);
  }
}

/** The entry of a key, made when it is not there. */
export function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
