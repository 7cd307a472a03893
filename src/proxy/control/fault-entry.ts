/** A fault as it is put on a proxy by hand or from a file: what it does, and when, counted from then. */
import type { FaultWindow } from '../../faults/fault.js';

export interface FaultEntry {
  readonly kind: string;
  /** As it was written, in plain data: `{ "rpc-abort": { "code": "UNAVAILABLE" } }`. */
  readonly written: unknown;
  /** Begins so long after it was put on. */
  readonly atNs: number;
  /** Lasts so long; Infinity: until it is taken off. */
  readonly forNs: number;
  /** What it does to what. */
  readonly deed: Omit<FaultWindow, 'id' | 'phase' | 'fromNs' | 'toNs'>;
}

/**
 * Reads one fault, written as in a scenario, in YAML or JSON.
 * @throws UserError with all mistakes.
 */
export type ReadFault = (text: string) => FaultEntry;

/** Its stretch of a clock, when it is put on at `nowNs`. A proxy alone has no phases. */
export function windowOf({ atNs, forNs, deed }: FaultEntry, id: string, nowNs: number) {
  const fromNs = nowNs + atNs;
  return { id, phase: '', fromNs, toNs: fromNs + forNs, ...deed } satisfies FaultWindow;
}
