/**
 * The two messages of a health Watch as octets, for a client that loads no contracts: each is one
 * field, number 1, of proto/health.proto.
 */
import { SERVING_STATUSES, type ServingStatus } from '../../base/serving-status.js';

export const WATCH_PATH = '/grpc.health.v1.Health/Watch';

/** Field 1, length-delimited. */
const SERVICE_TAG = 0x0a;
/** Field 1, varint. */
const STATUS_TAG = 0x08;

/** A HealthCheckRequest. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  if (name.length === 0) return name;
  return Buffer.from([SERVICE_TAG, ...varint(name.length), ...name]);
}

/** The status in a HealthCheckResponse; undefined when the octets are none that is known. */
export function decodeHealthReply(octets: Buffer): ServingStatus | undefined {
  // Zero, UNKNOWN, is the default and need not be sent.
  if (octets.length === 0) return SERVING_STATUSES[0];
  const [tag, value = Number.NaN] = octets;
  return tag === STATUS_TAG && octets.length === 2 ? SERVING_STATUSES[value] : undefined;
}

function varint(value: number): number[] {
  const octets: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    octets.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  octets.push(rest);
  return octets;
}
