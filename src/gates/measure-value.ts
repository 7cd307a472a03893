/** The value of a quantity in one variant: a number, or why there is none. */
import type { CellDistribution } from '../analysis/findings.js';
import { countOf, formatMs } from '../metrics/figures.js';
import type { DurationHistogram } from '../metrics/histogram.js';
import { readMerged } from '../metrics/merged-durations.js';
import type { CallCounts, PhaseSummary, VariantSummary } from '../metrics/summary.js';
import { CALL_SORTS, type CallSort, type Measure, type Metric, type Quantity } from './gate.js';

/** `basis` says what it was measured on: `4,000 calls in baseline`. */
export type Measured =
  | { readonly value: number; readonly basis: string }
  | { readonly unmeasured: string };

/** What a gate looks at of a variant. */
interface Selection {
  readonly phases: readonly PhaseSummary[];
  readonly where: string;
  /** The calls of the selected load in a phase, or of all loads. */
  calls(phase: PhaseSummary): CallCounts | undefined;
}

/** @param loads names of the variant's loads. */
export function measureValue(
  quantity: Quantity,
  variant: VariantSummary,
  loads: readonly string[],
  distributions: readonly CellDistribution[],
): Measured {
  const selection = select(quantity, variant, loads);
  if (selection.phases.length === 0) {
    return { unmeasured: `the run did not get to ${quantity.phase ?? 'a phase that is judged'}` };
  }
  const { measure } = quantity;
  switch (measure.kind) {
    case 'rate':
    case 'count':
      return measureCalls(measure, selection);
    case 'goodput':
      return measureRate(selection, ({ good }) => good, 'good');
    case 'throughput':
      return measureRate(selection, ({ completed }) => completed, 'ended');
    case 'amplification':
      return measureAmplification(selection);
    default:
      return measureDuration(measure, quantity, variant.name, selection, distributions);
  }
}

function select(asked: Quantity, variant: VariantSummary, loads: readonly string[]): Selection {
  const phases = variant.phases.filter(({ name, discard }) =>
    asked.phase === undefined ? !discard : name === asked.phase,
  );
  const of = asked.load === undefined ? '' : ` of ${asked.load}`;
  return {
    phases,
    where: `${of} in ${phases.map(({ name }) => name).join(', ')}`,
    calls(phase) {
      // A variant with one load does not list it again: the phase's figures are its figures.
      if (asked.load === undefined) return phase.calls;
      if (loads.length === 1 && loads[0] === asked.load) return phase.calls;
      return phase.loads.find(({ name }) => name === asked.load)?.calls;
    },
  };
}

function sumCalls({ phases, calls }: Selection, pick: (counts: CallCounts) => number): number {
  return phases.reduce((total, phase) => {
    const counts = calls(phase);
    return total + (counts === undefined ? 0 : pick(counts));
  }, 0);
}

function countOfSort(of: CallSort): (counts: CallCounts) => number {
  switch (of) {
    case 'ok':
      return ({ byCode }) => byCode.OK ?? 0;
    case 'errors':
      return ({ byCode, completed, cancelledOnPurpose = 0 }) =>
        completed - (byCode.OK ?? 0) - cancelledOnPurpose;
    case 'offered':
    case 'started':
    case 'completed':
    case 'good':
    case 'missed':
    case 'abandoned':
    case 'queued':
    case 'cancelledOnPurpose':
      return (counts) => counts[of] ?? 0;
    default:
      return ({ byCode }) => byCode[of] ?? 0;
  }
}

function describeSort(of: CallSort): string {
  return of in CALL_SORTS ? CALL_SORTS[of as keyof typeof CALL_SORTS] : `ended ${of}`;
}

function measureCalls(
  { kind, of }: Extract<Measure, { of: CallSort }>,
  selection: Selection,
): Measured {
  const offered = sumCalls(selection, ({ offered }) => offered);
  if (offered === 0) return { unmeasured: `no call was due${selection.where}` };
  if (of === 'queued' && selection.phases.every(({ calls }) => calls.queued === undefined)) {
    return { unmeasured: 'only the wire driver sees calls wait for a stream' };
  }
  const count = sumCalls(selection, countOfSort(of));
  const basis =
    `${countOf(count, 'call')} ${describeSort(of)}, ` +
    `of ${countOf(offered, 'call')} offered${selection.where}`;
  return { value: kind === 'count' ? count : count / offered, basis };
}

function measureRate(
  selection: Selection,
  pick: (counts: CallCounts) => number,
  what: string,
): Measured {
  const ms = selection.phases.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);
  const offered = sumCalls(selection, ({ offered }) => offered);
  if (offered === 0 || ms <= 0) return { unmeasured: `no call was due${selection.where}` };
  const count = sumCalls(selection, pick);
  const basis = `${countOf(count, `${what} call`)} in ${formatMs(ms)}${selection.where}`;
  return { value: count / (ms / 1e3), basis };
}

function measureAmplification({ phases, where }: Selection): Measured {
  const started = phases.reduce((total, { calls }) => total + calls.started, 0);
  if (started === 0) return { unmeasured: `no call was started${where}` };
  const attempts = phases.reduce((total, phase) => total + phase.attempts.total, 0);
  const basis = `${countOf(attempts, 'attempt')} for ${countOf(started, 'call')}${where}`;
  return { value: attempts / started, basis };
}

type DurationMeasure = Extract<Measure, { kind: 'percentile' | 'avg' | 'min' | 'med' | 'max' }>;

/** From the merged histogram, since percentiles of several phases or loads do not add up. */
function measureDuration(
  measure: DurationMeasure,
  { load, metric }: Quantity,
  variant: string,
  { phases, where }: Selection,
  distributions: readonly CellDistribution[],
): Measured {
  const selected = distributions.filter(
    (cell) =>
      cell.variant === variant &&
      phases.some(({ name }) => name === cell.phase) &&
      (load === undefined || cell.load === load),
  );
  return readMerged(
    selected.map((cell) => cell[metric]),
    (sum) => {
      if (sum.count === 0) return { unmeasured: `no call ended${where}` };
      const basis = `the ${describeMetric(metric)} of ${countOf(sum.count, 'call')}${where}`;
      return { value: durationNs(measure, sum) / 1e6, basis };
    },
  );
}

function describeMetric(metric: Metric): string {
  return metric === 'latency' ? 'latency' : 'service time';
}

function durationNs(measure: DurationMeasure, sum: DurationHistogram): number {
  switch (measure.kind) {
    case 'percentile':
      return Math.min(sum.percentileNs(measure.percent), sum.maxNs);
    case 'avg':
      return sum.meanNs;
    case 'min':
      return sum.minNs;
    case 'max':
      return sum.maxNs;
    case 'med':
      return Math.min(sum.percentileNs(50), sum.maxNs);
  }
}
