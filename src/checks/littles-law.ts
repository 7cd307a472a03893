/**
 * Little's law on a phase, L = λW (Little, Operations Research 9, 1961): the calls in flight, counted over
 * time, beside the rate of calls × their mean time from send to end. The value is L ÷ λW.
 *
 * It is an identity of the same calls counted in two ways, so it says nothing of the service and all of
 * the generator. Every run holds it on every phase by itself (docs/measurement.md); the check puts it
 * into the report.
 */
import { z } from 'zod';
import { share } from '../base/units.js';
import { formatRatio, formatShare } from '../metrics/figures.js';
import { defineCheck, phaseNamed } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = 'L/λW';

const schema = z.strictObject({ phase: z.string(), tolerance: share().prefault('0.5%') });

export const littlesLaw = defineCheck<z.output<typeof schema>>({
  kind: 'littles-law',
  summary:
    'Calls in flight are what their rate and their time make of them: the generator counts right.',
  schema: schema as z.ZodType<z.output<typeof schema>>,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  refusal: (_, { loads }) =>
    loads.every(({ longLived }) => longLived) ? 'every load is a stream without a time' : undefined,
  judge({ phase: name, tolerance }, findings) {
    const expected = `1 ± ${formatShare(tolerance)}`;
    const phase = phaseNamed(findings, name);
    if (phase === undefined) return undecided(expected, UNIT, notReached(name));
    const where = nameWithTimes(phase);
    const { littlesLaw: law, calls } = phase;
    if (law === undefined || law.rateTimesTime === 0) {
      const why =
        calls.abandoned > 0
          ? `${calls.abandoned} calls of ${where} were cut off and have no time; a deadline would decide it`
          : `no call ended in ${where}; load in that phase would decide it`;
      return undecided(expected, UNIT, why);
    }
    const { inFlightMean, rateTimesTime, roundingMax } = law;
    const difference = Math.abs(inFlightMean - rateTimesTime);
    return {
      verdict: difference <= tolerance * rateTimesTime + roundingMax ? 'pass' : 'fail',
      value: inFlightMean / rateTimesTime,
      expected,
      unit: UNIT,
      why:
        `${formatRatio(inFlightMean)} calls due in ${where} were open on average, and their rate ` +
        `times their mean time is ${formatRatio(rateTimesTime)}`,
    };
  },
});
