/**
 * Faults that contradict themselves or each other: those that could never act. Left to run they would
 * look like a client that stands everything.
 *
 * Of the call faults that are active the first in the plan that hits an attempt decides. So a fault
 * behind others that hit every attempt it could, over all its stretch, on all its backends and of all
 * its methods, never comes to act.
 */
import { entryOf } from '../base/catalogue.js';
import { isInstant } from '../faults/call-effect.js';
import type { CallFaultKind, FaultKind, FaultWindow } from '../faults/fault.js';
import { faults as catalogue } from '../faults/index.js';
import { HOSTED_METHODS } from '../targets/chat-methods.js';
import type { BackendSpec } from '../targets/spec.js';
import type { PlacedMistake } from './placed-mistake.js';
import type { Path } from './source.js';

/** A fault of a plan, and where its scenario says it. */
export interface PlacedWindow {
  readonly window: FaultWindow;
  readonly path: Path;
}

/** @param placed in the order of the plan. */
export function contradictions(
  placed: readonly PlacedWindow[],
  backends: readonly BackendSpec[],
): PlacedMistake[] {
  const callFaults = placed.filter(({ window }) => callFaultOf(window) !== undefined);
  return callFaults.flatMap(({ window, path }, index) => [
    ...idleLimit(window, path),
    ...shadowed(window, path, callFaults.slice(0, index), backends),
  ]);
}

function callFaultOf({ kind }: FaultWindow): CallFaultKind<unknown> | undefined {
  const entry = entryOf<FaultKind>(catalogue, kind);
  return entry.acts === 'call' ? entry : undefined;
}

/** A limit on how many are open at once, of attempts that are over when they are hit. */
export function idleLimit(window: FaultWindow, path: Path): PlacedMistake[] {
  const fault = callFaultOf(window);
  if (fault === undefined || window.maxActive === undefined) return [];
  const anyCall = { method: '', ordinal: 0, previousAttempts: 0 };
  if (!isInstant(fault.effect(window.options, anyCall, 0))) return [];
  return [
    {
      path: [...path, 'maxActive'],
      message: `${window.kind} ends calls at once, so that none of them is ever open`,
      hint: 'count limits how many it hits',
    },
  ];
}

function shadowed(
  window: FaultWindow,
  path: Path,
  before: readonly PlacedWindow[],
  backends: readonly BackendSpec[],
): PlacedMistake[] {
  const stronger = before
    .map((other) => other.window)
    .filter((other) => other.in === window.in && hitsAll(other, window));
  const targets = window.backends ?? backends.map(({ name }) => name);
  const methods = window.methods ?? HOSTED_METHODS.map(({ name }) => name);
  const isShadowed = targets.every((backend) =>
    methods.every((method) => {
      const there = stronger.filter(
        (other) =>
          (other.backends?.includes(backend) ?? true) && (other.methods?.includes(method) ?? true),
      );
      return covers(there, window);
    }),
  );
  if (!isShadowed) return [];
  const kinds = [...new Set(stronger.map(({ kind }) => kind))].join(' and ');
  return [
    {
      path,
      message: `${window.kind} can never act: ${kinds} before it hits every call that it could`,
      hint: 'give the other a share, or keep their times, backends or methods apart',
    },
  ];
}

/** Whether one hits every attempt that the other looks at, where and while both act. */
function hitsAll(one: FaultWindow, other: FaultWindow): boolean {
  const { share = 1, metadata = {}, count, maxActive } = one;
  const isConditional = share < 1 || count !== undefined || maxActive !== undefined;
  if (isConditional || callFaultOf(one)?.spares !== undefined) return false;
  return Object.entries(metadata).every(([key, value]) => other.metadata?.[key] === value);
}

/** Whether the stretches of some leave no moment of another's. */
export function covers(some: readonly FaultWindow[], { fromNs, toNs }: FaultWindow): boolean {
  const inOrder = some.toSorted((a, b) => a.fromNs - b.fromNs);
  let coveredNs = fromNs;
  for (const window of inOrder) {
    if (window.fromNs > coveredNs) break;
    coveredNs = Math.max(coveredNs, window.toNs);
  }
  return coveredNs >= toNs;
}
