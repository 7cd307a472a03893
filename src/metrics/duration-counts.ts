/**
 * Durations as they are counted while load runs: nanoseconds come in one by one, an encoded histogram
 * goes out once per interval.
 *
 * A count for each bucket of `DurationHistogram`, in an array of our own: a call is counted several
 * times, and a call into the library's WebAssembly costs five times as much as what follows.
 *
 *   units of 64 ns │ 0 … 2047: a bucket each │ 2048 … 4095: two each │ 4096 … 8191: four each …
 *   bucket         │ 0 … 2047                │ 2048 … 3071           │ 3072 … 4095 …
 *
 * Which are the library's own buckets for the settings in `histogram.ts` (HdrHistogram: 11 bits of a
 * value count, below its highest one). Were they not, figures would be wrong: the tests hold both to the
 * same figures.
 */
import { DurationHistogram, type EncodedHistogram, HISTOGRAM_NS_MAX } from './histogram.js';

const UNIT_NS = 64;
/** Values of so many bits have a bucket each. */
const FULL_BITS = 11;
/** From one power of two to the next. */
const HALF = 2 ** (FULL_BITS - 1);

/** Durations from here on, 137 s, have more units than 31 bits: theirs are counted in larger ones. */
const LONG_NS = UNIT_NS * 2 ** 31;
const LONG_SHIFT = 11;
const LONG_UNIT_NS = UNIT_NS * 2 ** LONG_SHIFT;

/** @param ns 0 to `HISTOGRAM_NS_MAX`. */
function bucketOf(ns: number): number {
  if (ns < LONG_NS) return bucketOfUnits(ns / UNIT_NS);
  return bucketOfUnits(ns / LONG_UNIT_NS) + LONG_SHIFT * HALF;
}

function bucketOfUnits(exact: number): number {
  const units = exact | 0;
  const shift = Math.max(32 - FULL_BITS - Math.clz32(units), 0);
  return shift * HALF + (units >> shift);
}

/** The lowest duration of a bucket. */
function fromNs(bucket: number): number {
  const shift = Math.max(Math.floor(bucket / HALF) - 1, 0);
  return (bucket - shift * HALF) * UNIT_NS * 2 ** shift;
}

const BUCKETS = bucketOf(HISTOGRAM_NS_MAX) + 1;

/** What counts become an encoded histogram in: one for the whole thread, empty between uses. */
let scratch: DurationHistogram | undefined;

export class DurationCounts {
  /** Made when the first duration comes: most of what could happen does not. */
  #counts: Uint32Array | undefined;
  #isEmpty = true;

  /**
   * Counts one duration, in nanoseconds. What lies outside 0 … one hour counts as the nearer end. NaN is
   * a bug in the caller and throws.
   */
  record(ns: number): void {
    const bucket = bucketOf(ns >= 0 && ns <= HISTOGRAM_NS_MAX ? ns : clamped(ns));
    this.#counts ??= new Uint32Array(BUCKETS);
    (this.#counts[bucket] as number)++;
    this.#isEmpty = false;
  }

  /** What was recorded since the last call, or undefined when nothing was. */
  take(): EncodedHistogram | undefined {
    const counts = this.#counts;
    if (counts === undefined || this.#isEmpty) return undefined;
    scratch ??= new DurationHistogram();
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const times = counts[bucket] as number;
      if (times > 0) scratch.record(fromNs(bucket), times);
    }
    const encoded = scratch.encode();
    scratch.reset();
    counts.fill(0);
    this.#isEmpty = true;
    return encoded;
  }
}

function clamped(ns: number): number {
  if (Number.isNaN(ns)) throw new Error('a duration that is not a number was recorded');
  return ns < 0 ? 0 : HISTOGRAM_NS_MAX;
}
