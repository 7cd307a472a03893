/**
 * Histograms of durations: HdrHistogram in WebAssembly, the one place that knows its settings.
 *
 * Values are whole nanoseconds from 0 to one hour, kept to three significant digits (and no finer
 * than 64 ns). A value outside that range is clamped and counted in `clamped`, because the library
 * throws on it and a lost value would be a wrong figure.
 *
 * Counts are 32 bits wide: one histogram holds at most 4.29e9 values in a bucket.
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram as HdrHistogram,
  initWebAssembly,
} from 'hdr-histogram-js';

/** Highest value that is kept: one hour, in ns. */
export const HISTOGRAM_NS_MAX = 3600e9;

const SETTINGS = {
  useWebAssembly: true,
  bitBucketSize: 32,
  autoResize: false,
  lowestDiscernibleValue: 100,
  highestTrackableValue: HISTOGRAM_NS_MAX,
  numberOfSignificantValueDigits: 3,
} as const;

// Loading the WebAssembly module once per thread, before any histogram can be made.
await initWebAssembly();

/** A histogram as it travels between threads and in files: HdrHistogram V2, deflated, base64. */
export type EncodedHistogram = string;

/** What is reported of a distribution of durations, in microseconds. */
export interface DurationSummary {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
}

/**
 * A histogram of durations in nanoseconds. It owns WebAssembly memory: `destroy` it when done.
 */
export class DurationHistogram {
  private readonly hdr: HdrHistogram;
  /** Values that were outside 0 … one hour and were recorded at the nearer end. */
  clamped = 0;

  constructor() {
    this.hdr = build(SETTINGS);
  }

  get count(): number {
    return this.hdr.totalCount;
  }

  /** Records a duration in nanoseconds so many times. NaN is a bug in the caller and throws. */
  record(ns: number, times = 1): void {
    if (ns >= 0 && ns <= HISTOGRAM_NS_MAX) {
      this.hdr.recordValueWithCount(Math.trunc(ns), times);
      return;
    }
    if (Number.isNaN(ns)) throw new Error('a duration that is not a number was recorded');
    this.clamped += times;
    this.hdr.recordValueWithCount(ns < 0 ? 0 : HISTOGRAM_NS_MAX, times);
  }

  /** Adds everything that another histogram holds. */
  add(other: DurationHistogram): void {
    this.hdr.add(other.hdr);
    this.clamped += other.clamped;
  }

  /** Adds everything that an encoded histogram holds. */
  addEncoded(encoded: EncodedHistogram): void {
    const decoded = decodeFromCompressedBase64(encoded, SETTINGS.bitBucketSize, true);
    this.hdr.add(decoded);
    decoded.destroy();
  }

  /** The value in ns at or below which `percent` of the values lie; 0 when empty. */
  percentileNs(percent: number): number {
    return this.hdr.getValueAtPercentile(percent);
  }

  get meanNs(): number {
    return this.hdr.mean;
  }

  get minNs(): number {
    return this.hdr.totalCount === 0 ? 0 : this.percentileNs(0);
  }

  /**
   * The highest value, up to its bucket's upper end. The library's own maximum moves up by 63 ns
   * with every histogram added whose values are all below 64 ns, so the highest bucket in use
   * bounds it.
   */
  get maxNs(): number {
    return this.hdr.totalCount === 0 ? 0 : Math.min(this.hdr.maxValue, this.percentileNs(100));
  }

  encode(): EncodedHistogram {
    return encodeIntoCompressedBase64(this.hdr);
  }

  /** Forgets everything and keeps the memory. */
  reset(): void {
    this.hdr.reset();
    this.clamped = 0;
  }

  /** What is reported of it, in µs; undefined when it is empty, since nothing was measured. */
  summarise(): DurationSummary | undefined {
    if (this.count === 0) return undefined;
    const us = (ns: number) => Math.round(ns / 100) / 10;
    // A percentile is its bucket's upper end, which may lie above the highest value recorded.
    const at = (percent: number) => us(Math.min(this.percentileNs(percent), this.maxNs));
    return {
      count: this.count,
      min: us(this.minNs),
      mean: us(this.meanNs),
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      p9999: at(99.99),
      max: us(this.maxNs),
    };
  }

  /** For HdrHistogram's own log writer; the histogram stays ours. */
  get raw(): HdrHistogram {
    return this.hdr;
  }

  destroy(): void {
    this.hdr.destroy();
  }
}
