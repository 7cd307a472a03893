/** What a server says of retries in the trailer `grpc-retry-pushback-ms` (gRFC A6). */
import { NS_PER_MS } from '../../base/clock.js';

export const PUSHBACK_KEY = 'grpc-retry-pushback-ms';

/** Wait so many ns, do not retry at all, or nothing was said. */
export type Pushback = number | 'never' | undefined;

/** Whole milliseconds; anything else asks for no retry, a negative number or what is no number at all. */
const MILLISECONDS = /^\d{1,10}$/;

/** @param values of the trailer. */
export function readPushback(values: readonly (string | Buffer)[]): Pushback {
  const [first] = values;
  if (first === undefined) return undefined;
  const text = String(first);
  return MILLISECONDS.test(text) ? Number(text) * NS_PER_MS : 'never';
}
