/**
 * Adding up encoded histograms, as record lines carry them.
 *
 * A histogram that is open for recording takes about 110 kB; encoded, a few hundred bytes. An
 * analysis adds to hundreds of them (phases × loads × backends, and one per interval), a little to
 * each every second. So they are kept encoded, and a few at a time are opened, added and encoded
 * again: memory stays small, nothing has to be freed, and late lines are as good as early ones.
 */
import { DurationHistogram, type DurationSummary, type EncodedHistogram } from './histogram.js';

/** How many encoded histograms are kept before they are added into one. */
const PENDING_MAX = 16;

/** A sum of encoded histograms. */
export interface MergedDurations {
  /** Adds one; undefined adds nothing. */
  add(encoded: EncodedHistogram | undefined): void;
  /** The sum; undefined when nothing was added. */
  encoded(): EncodedHistogram | undefined;
  /** What is reported of the sum, in µs; undefined when it holds no value. */
  summarise(): DurationSummary | undefined;
}

/** An empty sum. */
export function mergedDurations(): MergedDurations {
  let pending: EncodedHistogram[] = [];
  const collapse = () => {
    if (pending.length > 1) pending = [readMerged(pending, (sum) => sum.encode())];
  };
  return {
    add(encoded) {
      if (encoded === undefined) return;
      pending.push(encoded);
      if (pending.length >= PENDING_MAX) collapse();
    },
    encoded() {
      collapse();
      return pending[0];
    },
    summarise: () => readMerged(pending, (sum) => sum.summarise()),
  };
}

/**
 * Opens the sum of encoded histograms, reads something of it and frees it.
 * @param read must not keep the histogram.
 */
export function readMerged<Result>(
  encoded: Iterable<EncodedHistogram | undefined>,
  read: (sum: DurationHistogram) => Result,
): Result {
  const sum = new DurationHistogram();
  try {
    for (const one of encoded) {
      if (one !== undefined) sum.addEncoded(one);
    }
    return read(sum);
  } finally {
    sum.destroy();
  }
}
