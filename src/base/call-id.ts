/**
 * How a call says on the wire which call it is: the metadata key `squall-call`.
 *
 * The driver sends it and the target reads it, so that which calls a fault hits and how much
 * service a call asks for follow from the plan and not from the order in which calls arrive.
 * A retry or hedge of a call carries the same value; `grpc-previous-rpc-attempts` tells them apart.
 */

/** The metadata key. */
export const CALL_ID_KEY = 'squall-call';

/** Which call of its load's schedule this is, and when it was due. */
export interface CallId {
  /** Number of the call in its load's schedule, from 0; at most 15 digits. */
  readonly ordinal: number;
  /** Due time on the load clock in whole microseconds, from 0; at most 15 digits (31 years). */
  readonly dueUs: number;
}

/** Fifteen digits are always a safe integer, so nothing that matches loses its last digits. */
const CALL_ID = /^(\d{1,15})\.(\d{1,15})$/;

/**
 * `<ordinal>.<dueUs>`, both decimal. The due time is rounded down to the microsecond, and one
 * before the load clock's zero is sent as 0.
 */
export function formatCallId(ordinal: number, dueNs: number): string {
  return `${ordinal}.${dueNs > 0 ? Math.floor(dueNs / 1e3) : 0}`;
}

/** What `formatCallId` wrote, or undefined for any other text: it comes from the network. */
export function parseCallId(text: string): CallId | undefined {
  const match = CALL_ID.exec(text);
  if (match === null) return undefined;
  return { ordinal: Number(match[1]), dueUs: Number(match[2]) };
}
