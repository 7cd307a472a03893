/**
 * Faults on servers that exclude each other: windows of a plan come in, what is wrong with one of them
 * goes out. Two that want the same thing otherwise would leave it to chance which is seen; several
 * that take nearly all of a thread's time together would never hear of their ends; and one on a process
 * that does nothing meanwhile never comes to act.
 */
import { entryOf } from '../base/catalogue.js';
import { formatDuration } from '../base/units.js';
import { actsOn } from '../faults/decide.js';
import {
  type Claim,
  type FaultKind,
  type FaultWindow,
  type HostFaultKind,
  LOOP_SHARE_MAX,
} from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { Conflict } from './process-conflicts.js';

/**
 * @param others those that stand before it in the plan.
 * @param backends names of all.
 */
export function hostConflicts(
  window: FaultWindow,
  others: readonly FaultWindow[],
  backends: readonly string[],
): Conflict[] {
  const fault = hostFaultOf(window);
  if (fault === undefined) return [];
  const meeting = others.filter(({ fromNs, toNs }) => window.fromNs < toNs && fromNs < window.toNs);
  return [
    ...otherwiseClaimed(window, fault, meeting, backends),
    ...tooMuchTaken(window, fault, meeting, backends),
  ];
}

/**
 * A fault all of whose backends do nothing over its whole stretch.
 * @param others all of the plan, wherever they stand in it.
 */
export function silencedConflicts(
  window: FaultWindow,
  others: readonly FaultWindow[],
  backends: readonly string[],
): Conflict[] {
  if (hostFaultOf(window) === undefined) return [];
  const silencing = others.filter(
    (other) => silences(other) && other.fromNs <= window.fromNs && window.toNs <= other.toNs,
  );
  const mine = backends.filter((name) => actsOn(window, name));
  const isSilent = (name: string) => silencing.some((other) => actsOn(other, name));
  if (mine.length === 0 || !mine.every(isSilent)) return [];
  const ids = [...new Set(silencing.map(({ id }) => id))].join(' and ');
  return [
    {
      message: `${window.kind} can never act: under ${ids} its backends do nothing all the while`,
      hint: 'keep their times or backends apart',
    },
  ];
}

function hostFaultOf({ kind }: FaultWindow): HostFaultKind<unknown> | undefined {
  const entry = entryOf<FaultKind>(faults, kind);
  return entry.acts === 'host' ? entry : undefined;
}

function silences({ kind }: FaultWindow): boolean {
  const entry = entryOf<FaultKind>(faults, kind);
  return entry.acts === 'process' && entry.silences === true;
}

function otherwiseClaimed(
  window: FaultWindow,
  fault: HostFaultKind<unknown>,
  others: readonly FaultWindow[],
  backends: readonly string[],
): Conflict[] {
  const mine = fault.claims?.(window.options);
  if (mine === undefined) return [];
  return others.flatMap((other) => {
    const its = hostFaultOf(other)?.claims?.(other.options);
    const both = backends.find((name) => actsOn(window, name) && actsOn(other, name));
    if (its === undefined || both === undefined || !contradict(mine, its)) return [];
    const from = formatDuration(other.fromNs);
    return [
      {
        message: `${window.kind} contradicts ${other.id}: both set ${nameOf(mine, its)} of "${both}" at once`,
        hint: `${other.id} lasts from ${from} to ${formatDuration(other.toNs)} of the run`,
      },
    ];
  });
}

function contradict(one: Claim, other: Claim): boolean {
  if (one.of !== other.of || one.as === other.as) return false;
  return one.name === undefined || other.name === undefined || one.name === other.name;
}

/** The narrower of the two. */
function nameOf(one: Claim, other: Claim): string {
  const name = one.name ?? other.name;
  return name === undefined ? one.of : `${one.of} "${name}"`;
}

function tooMuchTaken(
  window: FaultWindow,
  fault: HostFaultKind<unknown>,
  others: readonly FaultWindow[],
  backends: readonly string[],
): Conflict[] {
  const mine = fault.takes?.(window.options) ?? 0;
  if (mine === 0) return [];
  const taking = others.filter((other) => takenBy(other) > 0);
  // The most is taken where one of them begins.
  const moments = [window, ...taking].map(({ fromNs }) => Math.max(fromNs, window.fromNs));
  for (const backend of backends.filter((name) => actsOn(window, name))) {
    for (const atNs of moments) {
      const active = taking.filter(
        (other) => actsOn(other, backend) && other.fromNs <= atNs && atNs < other.toNs,
      );
      const taken = active.reduce((sum, other) => sum + takenBy(other), mine);
      if (active.length === 0 || taken <= LOOP_SHARE_MAX) continue;
      const ids = active.map(({ id }) => id).join(' and ');
      const share = `${Math.round(taken * 100)}%`;
      return [
        {
          message: `${window.kind} and ${ids} take ${share} of the time of "${backend}" together`,
          hint: `at most ${LOOP_SHARE_MAX * 100}%, so that it hears of their ends`,
        },
      ];
    }
  }
  return [];
}

function takenBy(window: FaultWindow): number {
  return hostFaultOf(window)?.takes?.(window.options) ?? 0;
}
