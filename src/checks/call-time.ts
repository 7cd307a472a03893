/**
 * How long calls take: the slowest of a phase, or a percentile of them, from the moment they were due or
 * sent to their end, whatever their status. Of calls that wait for something in vain (a connection that
 * is dead, a place in a line) the slowest is the time until the client gave it up.
 *
 * The slowest call is that of this run and has no interval; a percentile has one from order statistics.
 */
import { z } from 'zod';
import { NS_PER_MS } from '../base/clock.js';
import { positiveDuration } from '../base/units.js';
import { countOf, formatMs, formatUs } from '../metrics/figures.js';
import type { DurationSummary } from '../metrics/histogram.js';
import { estimatePercentile } from '../metrics/percentile-estimate.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { bounded, describeBounds, isWithin } from './bounds.js';
import { defineEvidenceCheck, phaseNamed } from './check.js';
import { describeInterval, verdictOf } from './interval-verdict.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'ms';
const US_PER_MS = 1e3;

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** All loads when absent. */
    load: z.string().optional(),
    metric: z.enum(['latency', 'serviceTime']).default('latency'),
    /** Above 0 and below 100; absent: the slowest call. */
    percentile: z.number().gt(0).lt(100).optional(),
    atMost: positiveDuration().optional(),
    /** For a claim that calls do wait. */
    atLeast: positiveDuration().optional(),
  }),
);

type Options = z.output<typeof schema>;

export const callTime = defineEvidenceCheck<Options>({
  kind: 'call-time',
  summary: 'How long the slowest call of a phase takes, or a percentile of them.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: true,
  phasesNamed: ({ phase }) => [phase],
  loadsNamed: ({ load }) => (load === undefined ? [] : [load]),
  refusal: ({ load }, { loads }) =>
    loads.some((one) => !one.longLived && (load === undefined || one.name === load))
      ? undefined
      : 'streams that stay open have no latency of their own',
  judge({ phase: name, load, metric, percentile, ...written }, findings, evidence) {
    const inMs = (ns: number | undefined) => (ns === undefined ? undefined : ns / NS_PER_MS);
    const bounds = { atMost: inMs(written.atMost), atLeast: inMs(written.atLeast) };
    const expected = describeBounds(bounds, formatMs);
    const phase = phaseNamed(findings, name);
    if (phase === undefined) return undecided(expected, UNIT, notReached(name));
    const of = load === undefined ? 'calls' : `calls of ${load}`;
    const all = timesOf(phase, load, metric);
    if (all === undefined || all.count === 0) {
      const why = `none of the ${of} due in ${nameWithTimes(phase)} ended; load there would decide it`;
      return undecided(expected, UNIT, why);
    }
    const from = `from the moment they were ${metric === 'latency' ? 'due' : 'sent'}`;
    const where = `${of} due in ${nameWithTimes(phase)}`;
    if (percentile === undefined) {
      const value = all.max / US_PER_MS;
      return {
        verdict: isWithin(value, bounds) ? 'pass' : 'fail',
        value,
        expected,
        unit: UNIT,
        why:
          `the slowest of ${countOf(all.count, 'call')} took ${formatUs(all.max)} and half of them ` +
          `${formatUs(all.p50)} or less, ${from}: ${where}`,
      };
    }
    const wanted = { variant: findings.name, phase: name, metric, load };
    const found = estimatePercentile(evidence.durations(wanted), percentile);
    if (found === undefined) {
      return undecided(expected, UNIT, `no times of ${where} were kept; a whole record has them`);
    }
    const ends = { low: found.lowUs, high: found.highUs };
    const interval = {
      ...(ends.low === undefined ? {} : { low: ends.low / US_PER_MS }),
      ...(ends.high === undefined ? {} : { high: ends.high / US_PER_MS }),
      level: 0.95,
    };
    const verdict = verdictOf(interval, bounds);
    return {
      verdict,
      value: found.us / US_PER_MS,
      interval,
      expected,
      unit: UNIT,
      why:
        `p${percentile} of ${countOf(found.count, 'call')} was ${formatUs(found.us)} ` +
        `(${describeInterval(interval, formatMs)}), ${from}: ${where}` +
        `${verdict === 'inconclusive' ? '; more calls would decide it' : ''}`,
    };
  },
});

function timesOf(
  phase: PhaseSummary,
  load: string | undefined,
  metric: Options['metric'],
): DurationSummary | undefined {
  // Where there is one load, the phase is its.
  const found = phase.loads.find(({ name }) => name === load) ?? phase;
  return metric === 'latency' ? found.latencyUs : found.serviceTimeUs;
}
