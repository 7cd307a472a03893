/**
 * Discovery faults that could not act, or contradict each other. A client has one name service: of what it
 * names, of what it answers in place of that, and of the time it takes, one fault can decide at a moment.
 */
import { entryOf } from '../base/catalogue.js';
import { formatDuration } from '../base/units.js';
import type { ClientSpec } from '../drivers/spec.js';
import type { DiscoveryFaultKind, FaultKind, FaultWindow } from '../faults/fault.js';
import { faults as catalogue } from '../faults/index.js';
import type { BackendSpec } from '../targets/spec.js';
import { covers, type PlacedWindow } from './fault-conflicts.js';
import type { PlacedMistake } from './placed-mistake.js';

/** A client that closes its connections when it is idle asks for addresses again afterwards. */
const IDLE_OPTION = 'grpc.client_idle_timeout_ms';

type Client = Pick<ClientSpec, 'channelOptions'>;

interface PlacedDiscovery extends PlacedWindow {
  readonly kind: DiscoveryFaultKind<unknown>;
}

/** @param placed all faults of a variant, in the order of the plan. */
export function discoveryConflicts(
  placed: readonly PlacedWindow[],
  backends: readonly BackendSpec[],
  client: Client,
): PlacedMistake[] {
  const ours = placed.flatMap((one): PlacedDiscovery[] => {
    const kind = entryOf<FaultKind>(catalogue, one.window.kind);
    return kind.acts === 'discovery' ? [{ ...one, kind }] : [];
  });
  return ours.flatMap((one, index) => [
    ...ownMistake(one, backends),
    ...clashes(one, ours.slice(0, index)),
    ...hidden(one, ours),
    ...nothingToTell(one, ours, client),
  ]);
}

function ownMistake({ window, path, kind }: PlacedDiscovery, all: readonly BackendSpec[]) {
  const acted = window.backends?.length ?? all.length;
  const mistake = kind.mistake?.(window.options, acted, all.length);
  return mistake === undefined ? [] : [{ path, message: `${window.kind} ${mistake}` }];
}

/** Two that decide the same thing at one moment. */
function clashes(
  { window, path, kind }: PlacedDiscovery,
  before: readonly PlacedDiscovery[],
): PlacedMistake[] {
  const what = {
    named: 'both say which backends are named',
    answered: 'both say what is answered in place of the backends',
    time: 'both say how long an answer takes',
  }[kind.changes];
  return before
    .filter((other) => other.kind.changes === kind.changes && overlap(other.window, window))
    .map((other) => ({
      path,
      message: `${window.kind} contradicts ${other.window.id}: ${what}`,
      hint: `${other.window.id} lasts from ${stretch(other.window)} of the run`,
    }));
}

/** A list that is never told, because all the time something else is answered. */
function hidden(
  { window, path, kind }: PlacedDiscovery,
  all: readonly PlacedDiscovery[],
): PlacedMistake[] {
  if (kind.changes !== 'named') return [];
  const hiding = all.filter((other) => other.kind.changes === 'answered');
  if (
    !covers(
      hiding.map((other) => other.window),
      window,
    )
  )
    return [];
  const ids = hiding.map((other) => other.window).filter((other) => overlap(other, window));
  return [
    {
      path,
      message: `${window.kind} can never act: ${ids.map(({ id }) => id).join(' and ')} is answered in its place`,
      hint: 'let one of them last longer than the other',
    },
  ];
}

/** One that only keeps back or delays what others change, where no other does. */
function nothingToTell(
  { window, path, kind }: PlacedDiscovery,
  all: readonly PlacedDiscovery[],
  { channelOptions }: Client,
): PlacedMistake[] {
  const { changes } = kind;
  if (kind.tells(window.options)) return [];
  if (changes === 'time' && IDLE_OPTION in channelOptions) return [];
  const isChanged = all.some(
    (other) =>
      (other.kind.changes === 'named' ||
        (changes === 'time' && other.kind.changes === 'answered')) &&
      changesWithin(other, window),
  );
  if (isChanged) return [];
  return [
    {
      path,
      message: `${window.kind} has no effect: no other fault changes what name resolution says while it lasts`,
      hint:
        changes === 'time'
          ? `add disc-set or another beside it, or let clients idle (${IDLE_OPTION})`
          : 'let it name addresses that are gone (gone: 1), or add disc-set beside it',
    },
  ];
}

/** Whether what one says changes while another lasts. */
function changesWithin({ window, kind }: PlacedDiscovery, other: FaultWindow): boolean {
  if (kind.repeats === true) return overlap(window, other);
  return [window.fromNs, window.toNs].some((ns) => other.fromNs <= ns && ns < other.toNs);
}

function overlap(a: FaultWindow, b: FaultWindow): boolean {
  return a.fromNs < b.toNs && b.fromNs < a.toNs;
}

function stretch({ fromNs, toNs }: FaultWindow): string {
  return `${formatDuration(fromNs)} to ${formatDuration(toNs)}`;
}
