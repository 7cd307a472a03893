/**
 * What something costs in CPU time: what a call takes of the clients' and the servers' together, over what it
 * takes in another variant.
 *
 *     cost = (client + servers, per call) here ÷ (client + servers, per call) there
 *
 * It includes what has to be done whether there are calls or not, so compare variants of one load.
 */
import { z } from 'zod';
import { countOf, formatRatio, formatUs } from '../metrics/figures.js';
import type { PhaseSummary } from '../metrics/summary.js';
import { defineAgainstCheck } from './against.js';
import { bounded, describeBounds, isWithin } from './bounds.js';
import { nameWithTimes, undecided } from './phase-answers.js';

const UNIT = 'ratio';

const schema = bounded(
  z.strictObject({
    phase: z.string(),
    /** The variant that it is held against. */
    against: z.string(),
    atMost: z.number().gt(0).optional(),
    /** For a claim that it does cost. */
    atLeast: z.number().gt(0).optional(),
  }),
);

type Options = z.output<typeof schema>;

export const cpuCost = defineAgainstCheck<Options>({
  kind: 'cpu-cost',
  summary: 'CPU time that a call takes of clients and servers, over that in another variant.',
  schema: schema as z.ZodType<Options>,
  restsOnTiming: false,
  measured: ({ against }) => `against ${against}`,
  unit: UNIT,
  expected: (options) => describeBounds(options, formatRatio),
  refusal: (_options, { loads }) =>
    loads.some(({ longLived }) => longLived)
      ? 'where streams stay open there is no figure a call'
      : undefined,
  compare({ options, expected, own: phase, theirs: base }) {
    const { against } = options;
    const [here, there] = [costOf(phase), costOf(base)];
    if (here === undefined || there === undefined || there.sumUs === 0) {
      const why = `this machine tells no CPU time of ${nameWithTimes(phase)}; on Linux there is one`;
      return undecided(expected, UNIT, why);
    }
    const value = here.sumUs / there.sumUs;
    return {
      verdict: isWithin(value, options) ? 'pass' : 'fail',
      value,
      expected,
      unit: UNIT,
      why:
        `in ${nameWithTimes(phase)} a call took ${here.told} of CPU time, in ${against} ` +
        `${there.told}: ${formatRatio(value)} times${connectionsOf(phase, base, against)}`,
    };
  },
});

function costOf({ cpu }: PhaseSummary) {
  const { clientUsPerCall: client, serverUsPerAttempt: server } = cpu ?? {};
  if (client === undefined || server === undefined) return undefined;
  const told = `${formatUs(client)} of the client's and ${formatUs(server)} of the servers'`;
  return { sumUs: client + server, told };
}

/** What most often makes the difference. */
function connectionsOf({ server }: PhaseSummary, base: PhaseSummary, against: string): string {
  const [here, there] = [server?.connections, base.server?.connections];
  if (here === undefined || there === undefined || here === there) return '';
  return `; ${countOf(here, 'connection')} were made, in ${against} ${there}`;
}
