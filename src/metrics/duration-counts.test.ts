/**
 * Counted durations are the histogram's own: whatever is recorded, what is read back is what recording
 * into the library gives. And counting starts anew once they were taken.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DurationCounts } from './duration-counts.js';
import { DurationHistogram, type EncodedHistogram, HISTOGRAM_NS_MAX } from './histogram.js';

function counted(values: readonly number[]): EncodedHistogram | undefined {
  const counts = new DurationCounts();
  for (const ns of values) counts.record(ns);
  return counts.take();
}

function recorded(values: readonly number[]): EncodedHistogram {
  const histogram = new DurationHistogram();
  for (const ns of values) histogram.record(ns);
  const encoded = histogram.encode();
  histogram.destroy();
  return encoded;
}

/** Every value that an encoded histogram holds, as its bucket's upper end, and what is said of them all. */
function readBack(encoded = ''): unknown {
  const histogram = new DurationHistogram();
  histogram.addEncoded(encoded);
  const { count, minNs, meanNs, maxNs } = histogram;
  const values = Array.from({ length: count }, (_, i) =>
    histogram.percentileNs(((i + 0.5) / count) * 100),
  );
  histogram.destroy();
  return { count, minNs, meanNs, maxNs, values };
}

/** As many short ones as long ones: of all whole numbers nearly all are long. */
const duration = fc.oneof(
  ...[1e3, 1e5, 1e7, 1e9, HISTOGRAM_NS_MAX].map((max) => fc.integer({ min: 0, max })),
  fc.double({ min: 0, max: HISTOGRAM_NS_MAX, noNaN: true }),
);

test('what was counted reads back as what the library records', () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 60 }), (values) => {
      assert.deepEqual(readBack(counted(values)), readBack(recorded(values)));
    }),
    { numRuns: 200 },
  );
});

test('at each power of two, and beside it, the buckets are the same', () => {
  const edges = [0];
  for (let ns = 1; ns <= HISTOGRAM_NS_MAX; ns *= 2) edges.push(ns - 1, ns, ns + 63, ns + 64);
  edges.push(HISTOGRAM_NS_MAX - 1, HISTOGRAM_NS_MAX);
  for (const ns of edges) {
    assert.deepEqual(readBack(counted([ns])), readBack(recorded([ns])), `${ns} ns`);
  }
});

test('what lies outside 0 … one hour counts as the nearer end', () => {
  const values = [-5, 2 * HISTOGRAM_NS_MAX, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  assert.deepEqual(readBack(counted(values)), readBack(recorded(values)));
});

test('a duration that is not a number is a bug, and throws', () => {
  const counts = new DurationCounts();
  assert.throws(() => counts.record(Number.NaN), /not a number/);
});

test('nothing is left behind by what was taken, nor by another that was', () => {
  const [one, other] = [new DurationCounts(), new DurationCounts()];
  assert.equal(one.take(), undefined);
  one.record(1e6);
  other.record(5e6);
  assert.deepEqual(readBack(one.take()), readBack(recorded([1e6])));
  assert.equal(one.take(), undefined);
  assert.deepEqual(readBack(other.take()), readBack(recorded([5e6])));
  one.record(2e6);
  assert.deepEqual(readBack(one.take()), readBack(recorded([2e6])));
});
