/**
 * How fast clients connect, as the servers count it: connections accepted per second by all of them
 * together, in the interval of the phase that had most. A herd shows as a peak, whatever the mean.
 *
 * The run's own watch of health (`client.watchHealth`) makes connections too. Connections that a server
 * took in and had not reported when it was killed are in no count.
 */
import { z } from 'zod';
import { rate } from '../base/units.js';
import { countOf, formatCount, formatMs, formatRate } from '../metrics/figures.js';
import type { ServerSummary } from '../metrics/summary.js';
import { describeBounds, hasOneOf, inOrder, isWithin, OUT_OF_ORDER } from './bounds.js';
import { defineCheck, phaseNamed } from './check.js';
import { nameWithTimes, notReached, undecided } from './phase-answers.js';

const UNIT = '/s';

const schema = z
  .strictObject({
    phase: z.string(),
    atMost: rate().optional(),
    /** For a claim that there is a herd. */
    atLeast: rate().optional(),
    /** Connections altogether: 0 where none may be made. */
    countAtMost: z.int().min(0).optional(),
  })
  .refine(hasOneOf('atMost', 'atLeast', 'countAtMost'), {
    message: 'atMost, atLeast or countAtMost is needed',
  })
  .refine(inOrder, OUT_OF_ORDER);

type Options = z.output<typeof schema>;

export const reconnectRate = defineCheck<Options>({
  kind: 'reconnect-rate',
  summary: 'Connections that clients make, per second at their peak.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: false,
  phasesNamed: ({ phase }) => [phase],
  judge(options, findings) {
    const { countAtMost } = options;
    const expected = expectation(options);
    const phase = phaseNamed(findings, options.phase);
    if (phase === undefined) return undecided(expected, UNIT, notReached(options.phase));
    const where = nameWithTimes(phase);
    const { connections, connectionsPerSecondMax: value, connectionsPeak } = phase.server ?? {};
    if (connections === undefined || value === undefined) {
      const why = `no server told of its connections in ${where}; a run of this version would decide it`;
      return undecided(expected, UNIT, why);
    }
    const isAsExpected =
      isWithin(value, options) && (countAtMost === undefined || connections <= countAtMost);
    const seconds = (phase.toMs - phase.fromMs) / 1e3;
    const course =
      connections === 0
        ? ''
        : `, ${formatRate(connections / seconds)} on average and ${peakOf(value, connectionsPeak)}`;
    const killed = findings.events.filter(
      ({ kind, atMs }) => kind === 'process.crashed' && atMs >= phase.fromMs && atMs < phase.toMs,
    );
    const unreported =
      killed.length === 0
        ? ''
        : `; ${countOf(killed.length, 'server')} died with a part of its counts`;
    return {
      verdict: isAsExpected ? 'pass' : 'fail',
      value,
      ...(countAtMost === undefined ? {} : { shown: shownAs(options, value, connections) }),
      expected,
      unit: UNIT,
      why:
        `${countOf(connections, 'connection was', 'connections were')} made in ${where}` +
        `${course}${unreported}`,
    };
  },
});

/** The rate is that of a short while: `22 of them within the same 50 ms (440/s)`. */
function peakOf(perSecond: number, peak: ServerSummary['connectionsPeak']): string {
  if (peak === undefined) return `${formatRate(perSecond)} in the interval that had most`;
  const { connections, ms } = peak;
  return `${formatCount(connections)} of them within the same ${formatMs(ms)} (${formatRate(perSecond)})`;
}

/** What has bounds, in their order: connections beside connections. */
function shownAs({ atMost, atLeast }: Options, peak: number, connections: number): string {
  const rates = atMost === undefined && atLeast === undefined ? [] : [formatRate(peak)];
  return [...rates, countOf(connections, 'connection')].join(' and ');
}

function expectation({ atMost, atLeast, countAtMost }: Options): string {
  const peak = describeBounds({ atMost, atLeast }, formatRate);
  const count = countAtMost === undefined ? '' : `<= ${countOf(countAtMost, 'connection')}`;
  return [peak, count].filter((part) => part !== '').join(' and ');
}
