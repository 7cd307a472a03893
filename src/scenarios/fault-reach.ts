/**
 * Which backends and methods a fault acts on: names, zones and what the fault can do at all, resolved
 * to lists. Absent lists are "all": a plan says no more than its scenario does.
 */
import { entryOf } from '../base/catalogue.js';
import { didYouMean } from '../base/nearest.js';
import type { CallFaultEnvelope, FaultKind } from '../faults/fault.js';
import { faults as catalogue } from '../faults/index.js';
import { HOSTED_METHODS } from '../targets/chat-methods.js';
import type { BackendSpec } from '../targets/spec.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { Path } from './source.js';

/** The backends of a tier. */
export interface TierBackends {
  readonly name: string;
  readonly backends: readonly BackendSpec[];
}

export interface Reach {
  readonly backends?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
}

interface Fault {
  readonly kind: string;
  readonly options: unknown;
}

/**
 * @param tiers from the front one on.
 * @returns mistakes too: names that nobody defines, and combinations that leave nothing.
 */
export function reachOf(
  fault: Fault,
  tiers: readonly TierBackends[],
  path: Path,
): Reach & { readonly mistakes: readonly PlacedMistake[] } {
  const envelope = fault.options as CallFaultEnvelope;
  const backends = tiers.flatMap((tier) => tier.backends);
  const reached = reachedBackends(envelope, tiers);
  const methods = reachedMethods(fault, envelope);
  return {
    backends: reached && backends.map(({ name }) => name).filter((name) => reached.has(name)),
    methods,
    mistakes: [
      ...unknownNames('backend', envelope.backends, names(backends), [...path, 'backends']),
      ...unknownNames('zone', envelope.zones, zonesOf(backends), [...path, 'zones']),
      ...unknownNames('tier', envelope.tiers, tierNames(tiers), [...path, 'tiers']),
      ...unknownNames('method', envelope.methods, METHOD_NAMES, [...path, 'methods']),
      ...nothingLeft(fault, envelope, reached, methods, path),
      ...nothingToKeepUp(fault, backends, reached, path),
    ],
  };
}

const METHOD_NAMES = HOSTED_METHODS.map(({ name }) => name);
const names = (backends: readonly BackendSpec[]) => backends.map(({ name }) => name);
const tierNames = (tiers: readonly TierBackends[]) => tiers.map(({ name }) => name);
const zonesOf = (backends: readonly BackendSpec[]) => [
  ...new Set(backends.flatMap(({ zone }) => (zone === undefined ? [] : [zone]))),
];

/**
 * Undefined: all of them. A fault that says nothing acts on the front tier, which is what it does where
 * there is no other; one that names backends or zones acts on them wherever they are.
 */
function reachedBackends(
  { backends: wanted, zones, tiers: wantedTiers }: CallFaultEnvelope,
  tiers: readonly TierBackends[],
): ReadonlySet<string> | undefined {
  if (wanted === undefined && zones === undefined && wantedTiers === undefined) {
    return tiers.length > 1 ? new Set(names(tiers[0]?.backends ?? [])) : undefined;
  }
  const reached = tiers
    .filter(({ name }) => wantedTiers === undefined || wantedTiers.includes(name))
    .flatMap(({ backends }) => backends)
    .filter(
      ({ name, zone }) =>
        (wanted === undefined || wanted.includes(name)) &&
        (zones === undefined || (zone !== undefined && zones.includes(zone))),
    );
  return new Set(names(reached));
}

function repliesOf({ kind }: Fault): 'stream' | 'one' | undefined {
  const entry = entryOf<FaultKind>(catalogue, kind);
  return entry.acts === 'call' ? entry.replies : undefined;
}

/** Undefined: all of them. */
function reachedMethods(
  fault: Fault,
  { methods: wanted }: CallFaultEnvelope,
): readonly string[] | undefined {
  const replies = repliesOf(fault);
  if (replies === undefined) return wanted;
  const able = HOSTED_METHODS.filter((method) => method.replies === replies);
  const ableNames = able.map(({ name }) => name);
  return wanted === undefined ? ableNames : ableNames.filter((name) => wanted.includes(name));
}

function unknownNames(
  what: string,
  wanted: readonly string[] = [],
  known: readonly string[],
  path: Path,
): PlacedMistake[] {
  return wanted.flatMap((name, index) =>
    known.includes(name)
      ? []
      : [
          {
            path: [...path, index],
            message: `there is no ${what} "${name}"`,
            hint: known.length === 0 ? `no ${what} is named` : didYouMean(name, known),
          },
        ],
  );
}

/** Names that all exist, and have nothing in common. */
function nothingLeft(
  fault: Fault,
  envelope: CallFaultEnvelope,
  backends: ReadonlySet<string> | undefined,
  methods: readonly string[] | undefined,
  path: Path,
): PlacedMistake[] {
  const mistakes: PlacedMistake[] = [];
  const wanted = (['backends', 'zones', 'tiers'] as const).filter((key) => envelope[key]);
  const [first = 'backends', ...others] = wanted;
  if (backends?.size === 0 && others.length > 0) {
    const where = others.map((key) => envelope[key]?.join(' or ')).join(' and ');
    mistakes.push({
      path: [...path, first],
      message: `none of these ${first} is in ${where}: nothing is left`,
    });
  }
  if (methods?.length === 0 && envelope.methods?.every((name) => METHOD_NAMES.includes(name))) {
    const kind = repliesOf(fault) === 'stream' ? 'with a stream of replies' : 'with one reply';
    const able = HOSTED_METHODS.filter((method) => method.replies === repliesOf(fault));
    mistakes.push({
      path: [...path, 'methods'],
      message: `${fault.kind} acts on calls ${kind} only: nothing is left`,
      hint: able.map(({ name }) => name).join(' or '),
    });
  }
  return mistakes;
}

function nothingToKeepUp(
  { kind }: Fault,
  backends: readonly BackendSpec[],
  reached: ReadonlySet<string> | undefined,
  path: Path,
): PlacedMistake[] {
  const entry = entryOf<FaultKind>(catalogue, kind);
  if (entry.acts !== 'call' || entry.needsStop !== true) return [];
  const mine = backends.filter(({ name }) => reached === undefined || reached.has(name));
  if (mine.length === 0 || mine.some(stopsWork)) return [];
  const message = `${kind} keeps up work that its backends would stop, and none of them would`;
  return [{ path, message, hint: 'give them a capacity with onExpired: stop' }];
}

/** Of its own work, or of the next tier's. */
function stopsWork({ capacity, next }: BackendSpec): boolean {
  return capacity?.onExpired === 'stop' || (next !== undefined && next.onExpired !== 'finish');
}
