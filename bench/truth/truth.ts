/** What a truth is: something that arithmetic says of a run, and how the run is made. */
import type { ClientSpec } from '../../src/drivers/spec.js';
import { isGood, type Row } from './row.js';

export interface TruthContext {
  readonly driver: ClientSpec['driver'];
  readonly seed: number;
  /** Every run takes this many times its usual length. */
  readonly scale: number;
}

export interface Truth {
  /** For `--only`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Makes its runs, one after another, and judges them. */
  rows(context: TruthContext): Promise<readonly Row[]>;
}

/**
 * How often a truth is measured that does not hold. The same seed draws the same calls, so trying again
 * gives chance no second chance: only what the machine did meanwhile is different. A stall of a busy
 * machine passes; an error of the harness is there each time.
 */
const TRIES = 3;

/** Measures a truth until it holds. */
export async function rowsUntilGood(
  measure: () => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  for (let tries = 1; ; tries++) {
    const rows = await measure();
    if (tries === TRIES || rows.every(isGood)) {
      return tries === 1 ? rows : rows.map((row) => ({ ...row, tries }));
    }
  }
}

/** A truth about arithmetic alone: no driver is in it. */
export interface Law {
  readonly name: string;
  readonly summary: string;
  /** @param calls how many calls are drawn for each row. */
  rows(seed: number, calls: number): readonly Row[];
}
