/** A clock that only a test moves, with timers that fire when it passes them. */

export interface ManualClock {
  now(): number;
  callAt(dueNs: number, fire: () => void): () => void;
  /** Moves to a time and fires what is due on the way, each at its due time. */
  advanceTo(toNs: number): void;
  /** Moves to a time at once, as after a pause of the process, and then fires what is due. */
  jumpTo(toNs: number): void;
  /** How many timers are armed. */
  readonly armed: number;
}

export function createManualClock(startNs = 0): ManualClock {
  let nowNs = startNs;
  let timers: { readonly dueNs: number; readonly fire: () => void }[] = [];
  const fireDue = (toNs: number, isStepwise: boolean) => {
    for (;;) {
      const [first] = timers.sort((a, b) => a.dueNs - b.dueNs);
      if (first === undefined || first.dueNs > toNs) return;
      timers.shift();
      if (isStepwise) nowNs = Math.max(nowNs, first.dueNs);
      first.fire();
    }
  };
  return {
    now: () => nowNs,
    callAt(dueNs, fire) {
      const timer = { dueNs, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advanceTo(toNs) {
      fireDue(toNs, true);
      nowNs = toNs;
    },
    jumpTo(toNs) {
      nowNs = toNs;
      fireDue(toNs, false);
    },
    get armed() {
      return timers.length;
    },
  };
}
