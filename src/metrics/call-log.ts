/**
 * Single calls that an interceptor logged: a bounded sample for explanation, apart from the record.
 * `calls.ndjson` of a run's results holds one a line.
 */
import type { StatusName } from '../base/status.js';

/** A call that ended, as its interceptor saw it. Times are ns of the monotonic clock. */
export interface LoggedCall {
  /** The interceptor's name in its chain. */
  readonly interceptor: string;
  /** `/chat.ChatService/Say` */
  readonly method: string;
  /** Its number in its load's schedule, where it says so. */
  readonly call?: number;
  /** When it passed the interceptor. */
  readonly atNs: number;
  readonly tookNs: number;
  readonly status: StatusName;
  /** The status message. */
  readonly details: string;
}

/** A line of the file. */
export interface CallLogLine {
  readonly variant: string;
  readonly side: 'client' | 'server';
  /** `worker 0`, or a backend's name. */
  readonly by: string;
  readonly interceptor: string;
  readonly method: string;
  readonly call?: number;
  /** On the load clock. */
  readonly atMs: number;
  readonly tookUs: number;
  readonly status: StatusName;
  readonly details?: string;
}

/**
 * @param from who logged it, and zero of the load clock on the monotonic clock, in ns.
 */
export function callLogLine(
  { atNs, tookNs, details, interceptor, method, call, status }: LoggedCall,
  { zeroNs, ...from }: Pick<CallLogLine, 'variant' | 'side' | 'by'> & { readonly zeroNs: number },
): CallLogLine {
  return {
    ...from,
    interceptor,
    method,
    ...(call === undefined ? {} : { call }),
    atMs: Math.round((atNs - zeroNs) / 1e3) / 1e3,
    tookUs: Math.round(tookNs / 100) / 10,
    status,
    ...(details === '' ? {} : { details }),
  };
}
