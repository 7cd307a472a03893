/**
 * The words of the standard health service, by number and by name.
 * Source: the gRPC core documentation, doc/health-checking.md.
 */

/** Names in the order of their numbers on the wire. */
export const SERVING_STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** What a server says of a service; SERVICE_UNKNOWN is a word of Watch only. */
export type ServingStatus = (typeof SERVING_STATUSES)[number];
