/**
 * The search for the moment of recovery in a series of intervals. The formula, and why it is what
 * it is, stand in recovery-time.ts.
 */
import { formatCount, formatUs } from '../metrics/figures.js';
import type { SeriesPoint } from '../metrics/summary.js';

/** What the service is to come back to. */
export interface Baseline {
  /** Name of the phase. */
  readonly phase: string;
  /** Good ÷ offered calls, above 0. */
  readonly goodShare: number;
  readonly latencyUsMean: number;
  readonly latencyUsP99: number;
}

export interface RecoveryCriterion {
  /** Share of the baseline's goodput that may be lacking. */
  readonly tolerance: number;
  /** How many times the baseline's p99 an interval's may be. */
  readonly latencyFactor: number;
  /**
   * For how long, in ns; absent: three intervals, or half of those with load when fewer than six.
   */
  readonly hold?: number | undefined;
}

export type RecoveryWatch =
  /** No interval had load. */
  | { readonly state: 'unobserved' }
  /** Back from `atMs` on; `heldMs` is how long it stayed so, up to what was asked for or more. */
  | { readonly state: 'recovered'; readonly atMs: number; readonly heldMs: number }
  /** Back from `sinceMs` on, up to the end, which came before the hold was over. */
  | {
      readonly state: 'not-held';
      readonly sinceMs: number;
      readonly heldMs: number;
      readonly holdMs: number;
    }
  /** Not back at the end; `why` says what the last interval lacked. */
  | { readonly state: 'not-recovered'; readonly why: string };

const HOLD_INTERVALS = 3;

/** Looks for the first unbroken stretch of intervals that are back, of at least the hold. */
export function watchRecovery(
  points: readonly SeriesPoint[],
  baseline: Baseline,
  criterion: RecoveryCriterion,
): RecoveryWatch {
  const loaded = points.filter(({ offered }) => offered > 0);
  const [first] = loaded;
  if (first === undefined) return { state: 'unobserved' };
  const intervals = Math.min(HOLD_INTERVALS, Math.max(1, Math.floor(loaded.length / 2)));
  const holdMs = (criterion.hold ?? intervals * (first.toMs - first.fromMs) * 1e6) / 1e6;
  let sinceMs: number | undefined;
  let heldMs = 0;
  let why = '';
  for (const point of loaded) {
    const lacking = whatIsLacking(point, baseline, criterion);
    if (lacking !== undefined) {
      if (sinceMs !== undefined && heldMs >= holdMs) break;
      sinceMs = undefined;
      why = lacking;
      continue;
    }
    sinceMs ??= point.fromMs;
    heldMs = point.toMs - sinceMs;
  }
  if (sinceMs === undefined) return { state: 'not-recovered', why };
  if (heldMs >= holdMs) return { state: 'recovered', atMs: sinceMs, heldMs };
  return { state: 'not-held', sinceMs, heldMs, holdMs };
}

/** What keeps an interval from being back, as a clause; undefined when it is back. */
function whatIsLacking(
  point: SeriesPoint,
  baseline: Baseline,
  { tolerance, latencyFactor }: RecoveryCriterion,
): string | undefined {
  const { good, offered, fromMs, toMs, latencyUs } = point;
  const expected = baseline.goodShare * offered;
  const openAtEnds = (offered * baseline.latencyUsMean) / 1e3 / (toMs - fromMs);
  const noise = 2 * Math.sqrt(expected * (1 - baseline.goodShare) + 2 * openAtEnds);
  const floor = (1 - tolerance) * expected - noise;
  if (good < floor || latencyUs === undefined) {
    return (
      `in its last interval ${formatCount(good)} of ${formatCount(offered)} calls offered were ` +
      `good, at least ${formatCount(Math.max(1, Math.ceil(floor)))} were needed`
    );
  }
  const ceilingUs = latencyFactor * baseline.latencyUsP99;
  if (latencyUs.p99 <= ceilingUs) return undefined;
  return `in its last interval p99 was ${formatUs(latencyUs.p99)}, above ${formatUs(ceilingUs)}`;
}
