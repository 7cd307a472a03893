/** What a gate is: a measure of a run, over what, and the threshold it has to keep. */
import { STATUS_NAMES, type StatusName } from '../base/status.js';

/** What is measured. */
export type Measure =
  | { readonly kind: 'percentile'; readonly percent: number }
  | { readonly kind: 'avg' | 'min' | 'med' | 'max' }
  /** Calls of one sort ÷ calls offered. */
  | { readonly kind: 'rate'; readonly of: CallSort }
  | { readonly kind: 'count'; readonly of: CallSort }
  /** Per second of the phases: calls good, calls ended with a status. */
  | { readonly kind: 'goodput' | 'throughput' }
  /** Attempts ÷ calls started. */
  | { readonly kind: 'amplification' };

/** Sorts of calls that can be counted, and what each is. */
export const CALL_SORTS = {
  offered: 'due by the schedule',
  started: 'sent',
  completed: 'ended with a status',
  ok: 'ended OK',
  good: 'ended OK and within the deadline',
  /** Without those that are cancelled on purpose. */
  errors: 'ended with another status than OK',
  missed: 'due and not sent (in-flight limit reached, or the generator too late)',
  abandoned: 'still open when the load was over',
  cancelledOnPurpose: 'cancelled by the load, which is told to',
  queued: 'had to wait for a stream (wire driver only)',
} as const;

/** A sort of calls, or a status code that they ended with. */
export type CallSort = keyof typeof CALL_SORTS | StatusName;

export const CALL_SORT_NAMES: readonly string[] = [...Object.keys(CALL_SORTS), ...STATUS_NAMES];

export const METRICS = ['latency', 'serviceTime'] as const;

/** From due time to end, or from actual send to end. */
export type Metric = (typeof METRICS)[number];

export const COMPARISONS = ['<=', '>=', '==', '!=', '<', '>'] as const;

export type Comparison = (typeof COMPARISONS)[number];

/** The unit of a measure's value, as in results: ms, a fraction, per second, or none. */
export type GateUnit = 'ms' | 'share' | '/s' | 'count' | 'attempts/call';

/** What can be measured of a run, in one variant or each. */
export interface Quantity {
  readonly measure: Measure;
  /** Absent: all phases that are not discarded, together. */
  readonly phase?: string;
  /** Absent: every variant, each for itself. */
  readonly variant?: string;
  /** Absent: all loads together. */
  readonly load?: string;
  readonly metric: Metric;
}

export interface Gate extends Quantity {
  readonly comparison: Comparison;
  /** In the measure's unit. */
  readonly threshold: number;
}

/** The names that a gate refers to, for the loader to refuse those that do not exist. */
export interface GateReferences {
  readonly phases: readonly string[];
  readonly variants: readonly string[];
  readonly loads: readonly string[];
}

export function gateReferences({ phase, variant, load }: Gate): GateReferences {
  const list = (name: string | undefined) => (name === undefined ? [] : [name]);
  return { phases: list(phase), variants: list(variant), loads: list(load) };
}

/** The unit in which a measure is given and compared. */
export function unitOf({ kind }: Measure): GateUnit {
  switch (kind) {
    case 'rate':
      return 'share';
    case 'count':
      return 'count';
    case 'goodput':
    case 'throughput':
      return '/s';
    case 'amplification':
      return 'attempts/call';
    default:
      return 'ms';
  }
}

/** Whether it rests on the generator's timing, and so means nothing when that was saturated. */
export function restsOnTiming(measure: Measure): boolean {
  return unitOf(measure) === 'ms' || unitOf(measure) === '/s';
}

export function holds(value: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '==':
      return value === threshold;
    case '!=':
      return value !== threshold;
  }
}
