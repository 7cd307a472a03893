/**
 * How long the service of an attempt takes. It follows from the seed and from which attempt it is, and
 * from nothing else: equal calls ask for equal service in every variant, so that variants differ by
 * policy only, and whoever knows the plan can say what each call was given.
 */
import { type Distribution, drawNs } from '../base/distribution.js';
import { hashName, hashToUnit } from '../base/rng.js';
import { whichAttempt } from '../faults/decide.js';
import type { CallView } from '../faults/fault.js';

/** Keeps service times independent of what else is drawn for the same call. */
const SERVICE_STREAM = hashName('service-time');

/** The service time of one attempt, in whole ns. */
export function serviceTimeNs(serviceTime: Distribution, seed: number, call: CallView): number {
  const { ordinal, method } = call;
  const unit = hashToUnit(seed, SERVICE_STREAM, ordinal, whichAttempt(call), hashName(method));
  return drawNs(serviceTime, unit);
}
