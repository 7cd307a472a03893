/**
 * Which calls are kept one by one, to explain a run by: a share of them, by hash of the seed and the call's
 * number, so that a client and the servers that it calls keep the same ones without a word between them.
 */
import { hashName, hashNumbers, mix } from './rng.js';

const PURPOSE = hashName('samples');
const NUMBERS = 2 ** 32;

/** Asked once for every call of a load. @param share of the calls, 0 to 1. */
export function sampleChoice(seed: number, share: number): (ordinal: number) => boolean {
  if (share <= 0) return () => false;
  const base = hashNumbers(seed, PURPOSE);
  const limit = share * NUMBERS;
  return (ordinal) => mix(ordinal ^ base) < limit;
}
