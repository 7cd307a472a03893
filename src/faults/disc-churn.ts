/**
 * `disc-churn`: the list of backends changes again and again. Backends that the fault does not act on
 * stay in it; of the others it names so many, others each time.
 */
import { z } from 'zod';
import { positiveDuration } from '../base/units.js';
import { type DiscoveryHost, defineDiscoveryFault, faultEnvelope } from './fault.js';

/** Each list is an event of the record, from every worker. */
const EVERY_NS_MIN = 20e6;

interface Churn {
  /** ns */
  readonly every: number;
  readonly named?: number | undefined;
}

export const discChurn = defineDiscoveryFault({
  kind: 'disc-churn',
  summary: 'Lets name resolution name other backends every so often, drawn from the seed.',
  layers: ['resolver'],
  exercises: 'what each new list costs: connections made and closed, calls moved, balancers reset',
  correctClient:
    'Keeps what is in both lists, as with disc-set, makes no more connections than there are new ' +
    'addresses, and loses no call, however often the list changes.',
  acts: 'discovery',
  changes: 'named',
  repeats: true,
  schema: z.strictObject({
    ...faultEnvelope,
    /** From one list to the next. */
    every: positiveDuration().refine((ns) => !(ns < EVERY_NS_MIN), {
      message: 'a list lasts 20ms at least',
    }),
    /** So many of its backends are named at a time; all but one when absent. */
    named: z.int().min(1).optional(),
  }),
  mistake: ({ named = 1 }: Churn, backends) =>
    backends <= named
      ? `needs more than ${named} backend${named === 1 ? '' : 's'} to choose from, and acts on ${backends}`
      : undefined,
  tells: () => true,
  start: startChurn,
});

function startChurn({ every, named }: Churn, host: DiscoveryHost): () => void {
  const { backends, others } = host;
  const count = named ?? backends.length - 1;
  let last: readonly string[] = backends;
  let undo = () => {};
  let cancel = () => {};
  const next = () => {
    const before = undo;
    last = otherChoice(backends, count, last, host);
    undo = host.name([...others, ...last]);
    before();
    cancel = host.after(every, next);
  };
  next();
  return () => {
    cancel();
    undo();
  };
}

/** So many of all, and not those of the last time. */
function otherChoice(
  all: readonly string[],
  count: number,
  last: readonly string[],
  { random }: Pick<DiscoveryHost, 'random'>,
): readonly string[] {
  const left = [...all];
  const chosen: string[] = [];
  while (chosen.length < count) {
    chosen.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  if (chosen.some((name) => !last.includes(name)) || last.length !== count) return chosen;
  // The same again: one of those that were left takes the place of the one drawn first.
  return [...chosen.slice(1), ...left.slice(0, 1)];
}
