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
function hidden(one: PlacedDiscovery, all: readonly PlacedDiscovery[]): PlacedMistake[] {
  const { window, path, kind } = one;
  if (kind.changes !== 'named') return [];
  const answered = all.filter((other) => other.kind.changes === 'answered');
  const hiding = answered.map((other) => other.window);
  // One that keeps to a list tells it in its turn.
  const isKept = answered.some((other) => other.kind.keeps === true && beginsIn(other, one, all));
  if (isKept || !covers(hiding, window)) return [];
  const ids = hiding.filter((other) => overlap(other, window)).map(({ id }) => id);
  return [
    {
      path,
      message: `${window.kind} can never act: ${ids.join(' and ')} is answered in its place`,
      hint: 'let one of them last longer than the other',
    },
  ];
}

/** One that only keeps back or delays what others change, where no other does. */
function nothingToTell(
  one: PlacedDiscovery,
  all: readonly PlacedDiscovery[],
  { channelOptions }: Client,
): PlacedMistake[] {
  const { window, path, kind } = one;
  const isSlow = kind.changes === 'time';
  if (kind.tells(window.options) || (isSlow && IDLE_OPTION in channelOptions)) return [];
  const isNews = ({ kind: { changes } }: PlacedDiscovery) =>
    changes === 'named' || (isSlow && changes === 'answered');
  if (all.some((other) => isNews(other) && changesWithin(other, one, all))) return [];
  return [
    {
      path,
      message: `${window.kind} has no effect: no other fault changes what name resolution says while it lasts`,
      hint: isSlow
        ? `add disc-set or another beside it, or let clients idle (${IDLE_OPTION})`
        : 'let it name addresses that are gone (gone: 1), or add disc-set beside it',
    },
  ];
}

/** Whether what one says changes while another lasts. */
function changesWithin(
  one: PlacedDiscovery,
  other: PlacedDiscovery,
  all: readonly PlacedDiscovery[],
): boolean {
  const { toNs } = one.window;
  // Ends come after the beginnings of the same moment.
  const endsIn = other.window.fromNs <= toNs && toNs < other.window.toNs;
  const isRepeated = one.kind.repeats === true && overlap(one.window, other.window);
  return endsIn || isRepeated || beginsIn(one, other, all);
}

/** Whether one begins while another lasts; of two that begin at one moment the later in the plan does. */
function beginsIn(
  one: PlacedDiscovery,
  other: PlacedDiscovery,
  all: readonly PlacedDiscovery[],
): boolean {
  const { fromNs } = one.window;
  if (fromNs === other.window.fromNs) return all.indexOf(one) > all.indexOf(other);
  return other.window.fromNs < fromNs && fromNs < other.window.toNs;
}

function overlap(a: FaultWindow, b: FaultWindow): boolean {
  return a.fromNs < b.toNs && b.fromNs < a.toNs;
}

function stretch({ fromNs, toNs }: FaultWindow): string {
  return `${formatDuration(fromNs)} to ${formatDuration(toNs)}`;
}
