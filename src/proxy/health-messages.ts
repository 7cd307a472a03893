/** The messages of grpc.health.v1, as octets: which service is asked about, and what it is. */
import type { MethodDefinition } from '@grpc/grpc-js';
import type { ServingStatus } from '../base/serving-status.js';
import { framedMessage, MESSAGE_PREFIX_BYTES } from '../http2/grpc-message.js';
import { HEALTH_SERVICE, loadProtos, serviceOf } from '../targets/protos.js';

export const CHECK_PATH = `/${HEALTH_SERVICE}/Check`;
export const WATCH_PATH = `/${HEALTH_SERVICE}/Watch`;

type Watch = MethodDefinition<{ service: string }, { status: ServingStatus }>;

let watch: Watch | undefined;

/** Loaded when health first passes: most proxies see none. */
function definition(): Watch {
  const { Watch } = serviceOf(loadProtos(), HEALTH_SERVICE);
  watch ??= Watch as Watch;
  return watch;
}

/** A compressed or broken message says nothing. */
function bodyOf(framed: Buffer): Buffer | undefined {
  return framed[0] === 0 ? framed.subarray(MESSAGE_PREFIX_BYTES) : undefined;
}

/** The service that a request asks about, its message with prefix; undefined when it cannot be read. */
export function readService(framed: Buffer): string | undefined {
  return attempt(framed, (body) => definition().requestDeserialize(body).service);
}

/** The status that an answer tells. */
export function readStatus(framed: Buffer): ServingStatus | undefined {
  return attempt(framed, (body) => definition().responseDeserialize(body).status);
}

export function framedStatus(status: ServingStatus): Uint8Array {
  return framedMessage(definition().responseSerialize({ status }));
}

function attempt<Read>(framed: Buffer, read: (body: Buffer) => Read): Read | undefined {
  const body = bodyOf(framed);
  try {
    return body && read(body);
  } catch {
    return undefined;
  }
}
