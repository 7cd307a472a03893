/** The call faults of one backend: which of them hits an attempt, and how often each did. */
import { entryOf } from '../base/catalogue.js';
import { effectUnit, hitFingerprint, hits, isActive, looksAt } from '../faults/decide.js';
import type {
  CallEffect,
  CallFaultKind,
  CallView,
  FaultKind,
  FaultWindow,
} from '../faults/fault.js';
import { faults } from '../faults/index.js';
import type { FaultCounts } from '../metrics/record.js';

export interface CallFaults {
  /** There are none, at any moment. */
  readonly isEmpty: boolean;
  /**
   * Asks the faults that are active at a moment of the load clock, in the order of the plan; the
   * first that hits decides, and the ones after it have not seen the attempt.
   */
  effectOn(call: CallView, momentNs: number): CallEffect | undefined;
  /** By fault id, of those that saw an attempt since the last call of this; starts over. */
  takeCounts(): Record<string, FaultCounts>;
}

/** @param windows host faults among them are left to others. */
export function createCallFaults(windows: readonly FaultWindow[], seed: number): CallFaults {
  const mine = windows.flatMap((window) => {
    const fault = entryOf<FaultKind>(faults, window.kind);
    return fault.acts === 'call' ? [countedFault(window, fault, seed)] : [];
  });
  return {
    isEmpty: mine.length === 0,
    effectOn(call, momentNs) {
      for (const fault of mine) {
        if (!isActive(fault.window, momentNs) || !looksAt(fault.window, call.method)) continue;
        const effect = fault.ask(call);
        if (effect !== undefined) return effect;
      }
      return undefined;
    },
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

const none = () => ({ seen: 0, hit: 0, seenFirst: 0, hitFirst: 0, hitFirstXor: 0 });

function countedFault(window: FaultWindow, fault: CallFaultKind<unknown>, seed: number) {
  let counts = none();
  return {
    window,
    ask(call: CallView): CallEffect | undefined {
      const isFirst = call.previousAttempts === 0;
      counts.seen++;
      if (isFirst) counts.seenFirst++;
      if (!hits(window, call, seed)) return undefined;
      counts.hit++;
      if (isFirst) {
        counts.hitFirst++;
        // Unsigned, so that the number is the same in every file and language.
        counts.hitFirstXor = (counts.hitFirstXor ^ hitFingerprint(window, call)) >>> 0;
      }
      return fault.effect(window.options, call, effectUnit(window, call, seed));
    },
    take(): FaultCounts {
      const taken = counts;
      counts = none();
      return taken;
    },
  };
}
