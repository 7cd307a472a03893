/**
 * The identity of a call on the wire: one metadata entry that lets a server know which numbered call
 * of the schedule an attempt belongs to and when it was due, so that faults hit the same calls in
 * every run and variant.
 */

/** Metadata key; its value is `<ordinal>.<dueUs>`, both decimal. */
export const CALL_ID_KEY = 'squall-call';

export interface CallId {
  /** Number of the call in its load's schedule, from 0. */
  readonly ordinal: number;
  /** When it was due: whole microseconds on the load clock. */
  readonly dueUs: number;
}

/** The metadata value of a call that was due at `dueNs` on the load clock. */
export function formatCallId(ordinal: number, dueNs: number): string {
  return `${ordinal}.${Math.floor(dueNs / 1e3)}`;
}
