/** Shares of recorded durations, read from the histograms that a record carries. */
import type { EncodedHistogram } from '../../src/metrics/histogram.js';
import { readMerged } from '../../src/metrics/merged-durations.js';

/**
 * The share of the recorded durations above `ns`, to a ten-thousandth; the histogram's own resolution is
 * three digits of the duration.
 */
export function shareAbove(
  histograms: Iterable<EncodedHistogram | undefined>,
  ns: number,
): { share: number; count: number } {
  return readMerged(histograms, (sum) => {
    let low = 0;
    let high = 100;
    // Percentiles never fall: halve the range in which they pass `ns`.
    while (high - low > 1e-3) {
      const middle = (low + high) / 2;
      if (sum.percentileNs(middle) > ns) high = middle;
      else low = middle;
    }
    return { share: 1 - (low + high) / 200, count: sum.count };
  });
}
