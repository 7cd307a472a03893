/**
 * The histogram: how exact it is, what it does with values it cannot hold, and that merging is
 * union.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DurationHistogram, HISTOGRAM_NS_MAX } from './histogram.js';

function histogramOf(values: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram();
  for (const ns of values) histogram.record(ns);
  return histogram;
}

const durations = fc.array(fc.integer({ min: 0, max: HISTOGRAM_NS_MAX }), { maxLength: 60 });

test('a value is kept to three digits, and no finer than 64 ns', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: HISTOGRAM_NS_MAX }), (ns) => {
      const histogram = histogramOf([ns]);
      const got = histogram.percentileNs(50);
      histogram.destroy();
      // Three digits: an error of at most one in a thousand of the value.
      assert.ok(Math.abs(got - ns) <= Math.max(64, ns / 1000), `${ns} became ${got}`);
    }),
  );
});

test('percentiles: of 1 … 1,000 ms the 99th is 990 ms', () => {
  const histogram = histogramOf(Array.from({ length: 1000 }, (_, index) => (index + 1) * 1e6));
  const summary = histogram.summarise();
  assert.ok(summary);
  assert.equal(summary.count, 1000);
  for (const [got, ms] of [
    [summary.p50, 500],
    [summary.p90, 900],
    [summary.p99, 990],
    [summary.p999, 999],
    [summary.max, 1000],
    [summary.mean, 500.5],
  ] as const) {
    assert.ok(Math.abs(got - ms * 1e3) <= ms, `${got} µs is not ${ms} ms`);
  }
  histogram.destroy();
});

test('what lies outside 0 … one hour is recorded at the nearer end and counted', () => {
  const histogram = histogramOf([-5, 2 * HISTOGRAM_NS_MAX, Number.POSITIVE_INFINITY, 1e6]);
  assert.equal(histogram.count, 4);
  assert.equal(histogram.clamped, 3);
  assert.equal(histogram.minNs, 0);
  assert.ok(Math.abs(histogram.maxNs / HISTOGRAM_NS_MAX - 1) < 1e-3);
  histogram.destroy();
});

test('a duration that is not a number is a bug, and throws', () => {
  const histogram = new DurationHistogram();
  assert.throws(() => histogram.record(Number.NaN), /not a number/);
  assert.equal(histogram.count, 0);
  histogram.destroy();
});

test('an empty one has no summary', () => {
  const histogram = new DurationHistogram();
  assert.equal(histogram.summarise(), undefined);
  histogram.record(5);
  histogram.reset();
  assert.equal(histogram.summarise(), undefined);
  histogram.destroy();
});

test('no percentile is above the maximum', () => {
  // 12.345678 ms lies in a bucket that ends at 12.353535 ms: the p99 would be that.
  const histogram = histogramOf([12_345_678]);
  const summary = histogram.summarise();
  assert.ok(summary !== undefined && summary.p9999 <= summary.max);
  histogram.destroy();
});

test('merging is union: encoded halves add up to the whole', () => {
  fc.assert(
    fc.property(durations, durations, (a, b) => {
      const [left, right, both] = [histogramOf(a), histogramOf(b), histogramOf([...a, ...b])];
      const merged = new DurationHistogram();
      merged.addEncoded(left.encode());
      merged.addEncoded(right.encode());
      // The whole goes through the encoding too: what is encoded is the bucket, not the value.
      const whole = new DurationHistogram();
      whole.addEncoded(both.encode());
      assert.deepEqual(merged.summarise(), whole.summarise());
      left.add(right);
      assert.equal(left.count, both.count);
      for (const one of [left, right, both, merged, whole]) one.destroy();
    }),
    { numRuns: 50 },
  );
});

test('adding what is all zero does not move the maximum', () => {
  const zero = histogramOf([0]).encode();
  const merged = new DurationHistogram();
  for (let i = 0; i < 100; i++) merged.addEncoded(zero);
  assert.equal(merged.count, 100);
  assert.ok(merged.maxNs < 64, `${merged.maxNs} ns`);
  merged.destroy();
});

test('a decoded histogram, whose own range is narrow, takes in a wider one', () => {
  // The library decodes with autoResize off: adding a wider histogram to a decoded one throws.
  const narrow = histogramOf([100]);
  const wide = histogramOf([HISTOGRAM_NS_MAX]);
  const merged = new DurationHistogram();
  merged.addEncoded(narrow.encode());
  merged.addEncoded(wide.encode());
  assert.equal(merged.count, 2);
  for (const one of [narrow, wide, merged]) one.destroy();
});
