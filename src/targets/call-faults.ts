/** The call faults of one backend: which of them hits an attempt, and how often each did. */
import { entryOf } from '../base/catalogue.js';
import { type CallEffect, isInstant } from '../faults/call-effect.js';
import type { CallView, FaultKind, FaultWindow } from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { MetadataLookup } from '../faults/metadata-match.js';
import type { FaultCounts } from '../metrics/record.js';
import { ActiveFault } from './active-fault.js';
import { AttemptTie } from './attempt-tie.js';

/** What faults have to do with an attempt; absent altogether for most. */
export interface Meeting {
  /** What is done to it. */
  readonly effect: CallEffect | undefined;
  /** To be told when the attempt is over; it may be tied without being hit. */
  readonly tie: AttemptTie | undefined;
}

export interface CallFaults {
  /** There are none, at any moment. */
  readonly isEmpty: boolean;
  /** Some ask for metadata: attempts meet them with a lookup. */
  readonly asksMetadata: boolean;
  /**
   * Asks the faults that are active at a moment of the load clock, in the order of the plan; the
   * first that hits decides, and the ones after it have not seen the attempt.
   */
  meet(call: CallView, momentNs: number, valuesOf?: MetadataLookup): Meeting | undefined;
  /** A fault's stretch begins: some hit what is open by then. */
  begin(faultId: string): void;
  /** A fault's stretch is over: what still hangs by it goes on. */
  end(faultId: string): void;
  /** By fault id, of those that saw an attempt since the last call of this; starts over. */
  takeCounts(): Record<string, FaultCounts>;
  /** Adds one, behind the others. Attempts that are open are not its business. */
  add(window: FaultWindow): void;
  /** Forgets one, with what it counted. */
  remove(faultId: string): void;
}

/** @param windows host faults among them are left to others. */
export function createCallFaults(windows: readonly FaultWindow[], seed: number): CallFaults {
  const activeOf = (window: FaultWindow) => {
    const fault = entryOf<FaultKind>(faults, window.kind);
    return fault.acts === 'call' ? [new ActiveFault(window, fault, seed)] : [];
  };
  let mine: readonly ActiveFault[] = [];
  let following: readonly ActiveFault[] = [];
  const become = (next: readonly ActiveFault[]) => {
    mine = next;
    following = mine.filter(({ countsOpen, hitsOpen }) => countsOpen || hitsOpen);
  };
  become(windows.flatMap(activeOf));
  const faultOf = (id: string) => mine.find(({ window }) => window.id === id);
  const hitBy = (call: CallView, momentNs: number, valuesOf?: MetadataLookup) => {
    for (const fault of mine) {
      if (!fault.actsAt(momentNs) || !fault.looksAt(call, valuesOf)) continue;
      const effect = fault.ask(call);
      if (effect !== undefined) return { effect, tie: fault.tieHit(effect) };
    }
    return undefined;
  };
  return {
    get isEmpty() {
      return mine.length === 0;
    },
    get asksMetadata() {
      return mine.some(({ window }) => window.metadata !== undefined);
    },
    meet(call, momentNs, valuesOf) {
      const hit = hitBy(call, momentNs, valuesOf);
      if (following.length === 0 || (hit !== undefined && isInstant(hit.effect))) return hit;
      let tie = hit?.tie;
      for (const fault of following) {
        // One effect is enough for an attempt.
        const mayHit = fault.isAhead && hit === undefined;
        if (!(fault.countsOpen || mayHit) || !fault.looksAt(call, valuesOf)) continue;
        tie ??= new AttemptTie();
        if (fault.countsOpen) fault.tieOpen(tie);
        if (mayHit) fault.tieEarly(tie, call);
      }
      return tie === undefined ? hit : { effect: hit?.effect, tie };
    },
    begin: (faultId) => faultOf(faultId)?.begin(),
    end: (faultId) => faultOf(faultId)?.end(),
    add: (window) => become([...mine, ...activeOf(window)]),
    remove: (faultId) => become(mine.filter(({ window }) => window.id !== faultId)),
    takeCounts() {
      const counts: Record<string, FaultCounts> = {};
      for (const fault of mine) {
        const taken = fault.take();
        if (taken.seen > 0) counts[fault.window.id] = taken;
      }
      return counts;
    },
  };
}
