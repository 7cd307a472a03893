/**
 * How a call says on the wire which call it is: the metadata key `squall-call`.
 *
 * The driver sends it and the target reads it, so that which calls a fault hits and how much
 * service a call asks for follow from the plan and not from the order in which calls arrive.
 * A retry or hedge of a call carries the same value; `grpc-previous-rpc-attempts` tells them apart.
 *
 * A backend that calls another tier for a call passes its name on, with the attempts that led there:
 * what the tier is asked for the second attempt of a client is not the same as for the first.
 */

import { OctetText } from './octet-text.js';

/** The metadata key. */
export const CALL_ID_KEY = 'squall-call';

/** Which call of its load's schedule this is, and when it was due. */
export interface CallId {
  /** Number of the call in its load's schedule, from 0; at most 15 digits. */
  readonly ordinal: number;
  /** Due time on the load clock in whole microseconds, from 0; at most 15 digits (31 years). */
  readonly dueUs: number;
  /**
   * Which attempts of the tiers before led to it: 0 or absent when each of them was a first one. Two
   * digits for each tier (`upstreamOf`), so that no two ways have the same number.
   */
  readonly upstream?: number;
}

/** Fifteen digits are always a safe integer, so nothing that is taken loses its last digits. */
const DIGITS_MAX = 15;
const DIGIT_ZERO = 0x30;

/**
 * `<ordinal>.<dueUs>`, both decimal, and `.<upstream>` unless that is 0. The due time is rounded down
 * to the microsecond, and one before the load clock's zero is sent as 0.
 */
export function formatCallId(ordinal: number, dueNs: number, upstream = 0): string {
  const id = `${ordinal}.${dueNs > 0 ? Math.floor(dueNs / 1e3) : 0}`;
  return upstream === 0 ? id : `${id}.${upstream}`;
}

/** Octets of the longest name that `writeCallId` writes. */
const CALL_ID_OCTETS_MAX = 2 * DIGITS_MAX + 1;
const DOT = 0x2e;

/** A text that takes the name of any call. */
export function callIdText(): OctetText {
  return new OctetText(CALL_ID_OCTETS_MAX);
}

/** Writes what `formatCallId` gives, in place of what the text was. */
export function writeCallId(text: OctetText, ordinal: number, dueNs: number): void {
  text.clear();
  text.addNumber(ordinal);
  text.addCharacter(DOT);
  text.addNumber(dueNs > 0 ? Math.floor(dueNs / 1e3) : 0);
}

const ATTEMPTS_TOLD_APART = 100;

/** The number of a way, continued by an attempt that declares so many before it. */
export function upstreamOf(upstream: number, previousAttempts: number): number {
  return upstream * ATTEMPTS_TOLD_APART + Math.min(previousAttempts, ATTEMPTS_TOLD_APART - 1);
}

/** What `formatCallId` wrote, or undefined for any other text: it comes from the network. */
export function parseCallId(text: string): CallId | undefined {
  const dot = text.indexOf('.');
  const ordinal = digitsIn(text, 0, dot);
  if (ordinal < 0) return undefined;
  const dueUs = digitsIn(text, dot + 1, text.length);
  return dueUs < 0 ? parseForwarded(text, dot + 1, ordinal) : { ordinal, dueUs };
}

/** The rest of a name that has three parts. */
function parseForwarded(text: string, start: number, ordinal: number): CallId | undefined {
  const dot = text.indexOf('.', start);
  const dueUs = digitsIn(text, start, dot);
  const upstream = digitsIn(text, dot + 1, text.length);
  return dueUs < 0 || upstream < 0 ? undefined : { ordinal, dueUs, upstream };
}

/**
 * The number that one to fifteen digits make, -1 for anything else. By hand: a server reads one for
 * every attempt, and a regular expression takes several times as long.
 */
function digitsIn(text: string, start: number, end: number): number {
  const length = end - start;
  if (length < 1 || length > DIGITS_MAX) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
