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

export interface Reach {
  readonly backends?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
}

interface Fault {
  readonly kind: string;
  readonly options: unknown;
}

/** @returns mistakes too: names that nobody defines, and combinations that leave nothing. */
export function reachOf(
  fault: Fault,
  backends: readonly BackendSpec[],
  path: Path,
): Reach & { readonly mistakes: readonly PlacedMistake[] } {
  const envelope = fault.options as CallFaultEnvelope;
  const reached = reachedBackends(envelope, backends);
  const methods = reachedMethods(fault, envelope);
  return {
    backends: reached && backends.map(({ name }) => name).filter((name) => reached.has(name)),
    methods,
    mistakes: [
      ...unknownNames('backend', envelope.backends, names(backends), [...path, 'backends']),
      ...unknownNames('zone', envelope.zones, zonesOf(backends), [...path, 'zones']),
      ...unknownNames('method', envelope.methods, METHOD_NAMES, [...path, 'methods']),
      ...nothingLeft(fault, envelope, reached, methods, path),
      ...nothingToKeepUp(fault, backends, reached, path),
    ],
  };
}

const METHOD_NAMES = HOSTED_METHODS.map(({ name }) => name);
const names = (backends: readonly BackendSpec[]) => backends.map(({ name }) => name);
const zonesOf = (backends: readonly BackendSpec[]) => [
  ...new Set(backends.flatMap(({ zone }) => (zone === undefined ? [] : [zone]))),
];

/** Undefined: all of them. */
function reachedBackends(
  { backends: wanted, zones }: CallFaultEnvelope,
  backends: readonly BackendSpec[],
): ReadonlySet<string> | undefined {
  if (wanted === undefined && zones === undefined) return undefined;
  const reached = backends.filter(
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
  if (backends?.size === 0 && envelope.backends !== undefined && envelope.zones !== undefined) {
    mistakes.push({
      path: [...path, 'backends'],
      message: `none of these backends is in ${envelope.zones.join(' or ')}: nothing is left`,
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
  if (mine.length === 0 || mine.some(({ capacity }) => capacity?.onExpired === 'stop')) return [];
  const message = `${kind} keeps up work that its backends would stop, and none of them would`;
  return [{ path, message, hint: 'give them a capacity with onExpired: stop' }];
}
