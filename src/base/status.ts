/**
 * gRPC status codes, by number and by name.
 * Source: the gRPC core documentation, doc/statuscodes.md.
 */

/** Names in the order of their numbers: `STATUS_NAMES[14]` is `UNAVAILABLE`. */
export const STATUS_NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** The name of a status code. */
export type StatusName = (typeof STATUS_NAMES)[number];

export const STATUS_OK = 0;
export const STATUS_DEADLINE_EXCEEDED = 4;

/** How many codes there are; a code outside 0 … 16 is treated as UNKNOWN (2), as gRPC does. */
export const STATUS_COUNT = STATUS_NAMES.length;

/** The number of a named code. */
export function statusCode(name: StatusName): number {
  return STATUS_NAMES.indexOf(name);
}

/** The name of a code; `UNKNOWN` for a number that is no code. */
export function statusName(code: number): StatusName {
  return STATUS_NAMES[code] ?? 'UNKNOWN';
}

/** Counts by status name, only of codes that occurred. */
export type StatusCounts = Partial<Record<StatusName, number>>;
