/**
 * Which calls and connections a fault hits: pure functions of the plan, the seed, and the call's or
 * connection's number.
 *
 * Two questions, asked in this order.
 *
 * **Is it active?** A first attempt meets the faults of the moment at which its call was *due*,
 * which it carries in its metadata; a later attempt, or one from a client that carries none, those
 * of the moment at which it *arrived*. Were first attempts judged by their arrival, a late timer or
 * a slow network would move calls in and out of a fault near its ends, and two runs would differ. A
 * retry has no due time: when it is made is the client's doing and what is being measured.
 *
 * **Does it hit?** By a hash of seed, fault, method, ordinal and number of previous attempts, so
 * any process answers alike, in any order; attempts of one call and two faults are independent
 * draws.
 */
import { upstreamOf } from '../base/call-id.js';
import { hashName, hashNumbers, hashToUnit } from '../base/rng.js';
import type { CallView, FaultWindow } from './fault.js';

/** Keeps the number that an effect draws from independent of the one that decided the hit. */
const EFFECT_STREAM = hashName('effect');
/** Keeps connections independent of calls with the same number. */
const CONNECTION_STREAM = hashName('connection');

/**
 * The moment whose faults an attempt meets, in ns on the load clock.
 * @param previousAttempts of the attempt, and of those of the tiers before that led to it.
 * @param dueNs absent when the client did not send it.
 * @param arrivedNs when it arrived.
 */
export function momentOf(
  previousAttempts: number,
  dueNs: number | undefined,
  arrivedNs: number,
): number {
  return previousAttempts === 0 && dueNs !== undefined ? dueNs : arrivedNs;
}

/** Whether a fault acts at a moment of the load clock: its start is in it, its end is not. */
export function isActive(window: FaultWindow, momentNs: number): boolean {
  return window.fromNs <= momentNs && momentNs < window.toNs;
}

/** Whether a fault looks at a method (`/chat.ChatService/Say`) at all. */
export function looksAt(window: FaultWindow, method: string): boolean {
  return window.methods === undefined || window.methods.includes(method.slice(1));
}

/** Whether a fault acts on a backend at all. */
export function actsOn(window: FaultWindow, backend: string): boolean {
  return window.backends === undefined || window.backends.includes(backend);
}

/** Whether a call fault that is active and looks at the call's method hits this attempt. */
export function hits(window: FaultWindow, call: CallView, seed: number): boolean {
  const { share = 1 } = window;
  if (share >= 1) return true;
  const { method, ordinal } = call;
  return (
    hashToUnit(seed, hashName(window.id), hashName(method), ordinal, whichAttempt(call)) < share
  );
}

/** Whether a byte fault that is active hits a connection. @param connection its number, from 0. */
export function hitsConnection(window: FaultWindow, connection: number, seed: number): boolean {
  const { share = 1 } = window;
  return share >= 1 || hashToUnit(seed, CONNECTION_STREAM, hashName(window.id), connection) < share;
}

/** The number uniform in [0, 1) that a fault's effect on this attempt draws from. */
export function effectUnit(window: FaultWindow, call: CallView, seed: number): number {
  const { method, ordinal } = call;
  return hashToUnit(
    seed,
    EFFECT_STREAM,
    hashName(window.id),
    hashName(method),
    ordinal,
    whichAttempt(call),
  );
}

/** What one hit first attempt adds (by XOR) to a fault's fingerprint of the calls that it hit. */
export function hitFingerprint(window: FaultWindow, call: CallView): number {
  return hashNumbers(hashName(window.id), hashName(call.method), call.ordinal);
}

/**
 * A number of its own for every attempt of a call, whichever attempts of the tiers before led to it; for
 * the tier that the client calls, the number of previous attempts.
 */
export function whichAttempt({ previousAttempts, upstream = 0 }: CallView): number {
  return upstream === 0 ? previousAttempts : upstreamOf(upstream, previousAttempts);
}

/** Whether it is the first attempt of a call, on every tier up to this one. */
export function isFirstAttempt({ previousAttempts, upstream = 0 }: CallView): boolean {
  return previousAttempts === 0 && upstream === 0;
}
