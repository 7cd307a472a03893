/**
 * A line of the table: what arithmetic expects of a figure, what was measured, and whether the two
 * agree. Two questions are asked of a figure that has a model:
 *
 * - does its interval **cover** what the formula expects? It is as wide as the luck of the draw;
 * - is it what the **model** makes of the very same draws? There is no luck in that: what is left is
 *   the harness's own error, and may be no more than the lateness of timers and the way there and back.
 */
import type { ClientSpec } from '../../src/drivers/spec.js';
import { type Interval, Z } from './interval.js';

/** `model`: arithmetic held against the model, without a run. */
export type Subject = ClientSpec['driver'] | 'model';

export type Verdict =
  /** The interval covers the expectation, and the model agrees. */
  | 'covers'
  /** The interval does not cover the expectation. */
  | 'misses'
  /** It covers, and is not what the same draws make. */
  | 'strays'
  /** The run says itself that its generator was too slow, or other work had the cores. */
  | 'invalid'
  /** The driver has no such thing; `why` says so. */
  | 'not offered';

export type Unit = 'ms' | 'share' | 'ratio' | 'count' | 'octets';

export interface Row {
  /** What it is about: `M/M/1, rho 0.7`. */
  readonly truth: string;
  /** Which figure: `mean latency`. */
  readonly figure: string;
  readonly subject: Subject;
  readonly unit: Unit;
  readonly verdict: Verdict;
  readonly expected?: number;
  readonly measured?: number;
  readonly interval?: Interval;
  /** The same figure, computed from the same draws. */
  readonly model?: number;
  readonly why?: string;
  /** How often it was measured until it held, or until that was given up; 1 when absent. */
  readonly tries?: number;
}

export interface Claim extends Omit<Row, 'verdict' | 'expected' | 'measured' | 'interval'> {
  readonly expected: number;
  readonly measured: number;
  /** What chance makes of the measurement; give an interval of its own, or a standard error. */
  readonly spread: Interval | { readonly standardError: number };
  /**
   * How much more than true the harness may show: its delays make a time longer, never shorter. It
   * widens the interval on that side and bounds the distance from the model. 0 when absent.
   */
  readonly late?: number;
  /** How far from the model either way, besides: a count whose last call may fall on either side. */
  readonly loose?: number;
  /** Why the run does not count, if it does not. */
  readonly invalid?: string | undefined;
}

/** Judges a claim. */
export function judge(claim: Claim): Row {
  const { spread, late = 0, loose = 0, invalid, ...row } = claim;
  const drawn =
    'standardError' in spread
      ? {
          low: row.measured - Z * spread.standardError,
          high: row.measured + Z * spread.standardError,
        }
      : spread;
  const interval = { low: drawn.low - late, high: drawn.high };
  const judged = { ...row, interval };
  if (invalid !== undefined) return { ...judged, verdict: 'invalid', why: invalid };
  if (!(interval.low <= row.expected && row.expected <= interval.high)) {
    return { ...judged, verdict: 'misses' };
  }
  if (row.model === undefined) return { ...judged, verdict: 'covers' };
  const off = row.measured - row.model;
  return { ...judged, verdict: -loose <= off && off <= late + loose ? 'covers' : 'strays' };
}

/** What a driver does not have, and why. */
export function notOffered(truth: string, subject: Subject, why: string): Row {
  return { truth, figure: '', subject, unit: 'count', verdict: 'not offered', why };
}

/** Whether a row may stand in a table that passes. */
export function isGood({ verdict }: Row): boolean {
  return verdict === 'covers' || verdict === 'not offered';
}
