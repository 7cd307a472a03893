/**
 * How a backend waits for the end of a service.
 *
 * `relaxed`: with a timer, which costs next to nothing and is up to a millisecond or so late.
 *
 * `precise`: with timers until a moment before, and then by turning the event loop, which serves the
 * network at every turn. A timer counts whole milliseconds and may fire up to one early, so it is armed
 * again until less than `SPIN_NS` and a millisecond are left: an end costs a spin of 0.3 to 1.3 ms, a
 * third of what the load's own precise pacing takes. That one must hold at twenty thousand a second;
 * here some hundred ends a second are usual, and the processes of several backends share the machine.
 */
import { callAt, type NowNs, NS_PER_MS } from '../base/clock.js';
import type { Pacing } from '../base/due-queue.js';

/** A timer's own lateness, and that of being woken. */
const SPIN_NS = 0.3 * NS_PER_MS;

/** Calls `fire` at a time of `now` or after it, never before; returns what cancels that. */
export type WaitUntil = (dueNs: number, fire: () => void) => () => void;

export function createWait(pacing: Pacing, now: NowNs): WaitUntil {
  return pacing === 'relaxed'
    ? (dueNs, fire) => callAt(dueNs, fire, now)
    : (dueNs, fire) => callPrecisely(dueNs, fire, now);
}

function callPrecisely(dueNs: number, fire: () => void, now: NowNs): () => void {
  let cancel: () => void;
  const wait = () => {
    const leftNs = dueNs - now();
    const timerMs = Math.floor((leftNs - SPIN_NS) / NS_PER_MS);
    if (timerMs >= 1) {
      const timer = setTimeout(wait, timerMs);
      cancel = () => clearTimeout(timer);
    } else if (leftNs > 0) {
      const turn = setImmediate(wait);
      cancel = () => clearImmediate(turn);
    } else fire();
  };
  // Never within the call that asks: what is due already is for the next turn.
  const first = setImmediate(wait);
  cancel = () => clearImmediate(first);
  return () => cancel();
}
