/** One plain line per interval, for whoever watches a run: no cursor movement, no colour. */
import type { StatusCounts } from '../base/status.js';
import {
  formatCount,
  formatMs,
  formatPerSecond,
  formatRatio,
  formatUs,
} from '../metrics/figures.js';
import { plainText } from './plain-text.js';

/** Figures of the last interval. */
export interface LivePoint {
  readonly variant?: string;
  /** On the load clock, at the interval's end. */
  readonly elapsedMs: number;
  readonly phase: string;
  readonly offeredPerSecond: number;
  readonly goodputPerSecond: number;
  /** Calls open now. */
  readonly inFlight: number;
  /** Absent when no call ended in the interval. */
  readonly p50Us?: number;
  readonly p99Us?: number;
  /** Calls that ended, by status; OK is left out of what is shown. */
  readonly byCode: StatusCounts;
  readonly missed?: number;
  /** Attempts ÷ calls started in the interval; absent when none was. */
  readonly amplification?: number;
}

/**
 * ` 12 s storm offered 400/s good 210/s open 17 p50 5.1 ms p99 48 ms 1.62 att./call UNAVAILABLE
 * 190`
 */
export function liveLine(point: LivePoint): string {
  const { p50Us, p99Us, amplification, missed = 0 } = point;
  const errors = Object.entries(point.byCode)
    .filter(([name, count]) => name !== 'OK' && count > 0)
    .sort(([, a], [, b]) => b - a);
  const parts = [
    formatMs(Math.round(point.elapsedMs / 100) * 100).padStart(7),
    ...(point.variant === undefined ? [] : [point.variant]),
    point.phase,
    `offered ${formatPerSecond(point.offeredPerSecond)}/s`,
    `good ${formatPerSecond(point.goodputPerSecond)}/s`,
    `open ${formatCount(point.inFlight)}`,
    ...(p50Us === undefined ? [] : [`p50 ${formatUs(p50Us)}`]),
    ...(p99Us === undefined ? [] : [`p99 ${formatUs(p99Us)}`]),
    ...(amplification === undefined ? [] : [`${formatRatio(amplification)} att./call`]),
    ...(missed === 0 ? [] : [`missed ${formatCount(missed)}`]),
    ...errors.map(([name, count]) => `${name} ${formatCount(count)}`),
  ];
  return plainText(parts.join('  '));
}
