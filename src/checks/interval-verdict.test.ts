/** Verdicts of intervals: where the bound lies outside, at an end, and within. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareInterval } from '../metrics/exact-interval.js';
import { describeInterval, verdictOf, verdictOfShare, worstOf } from './interval-verdict.js';

test('a bound within the interval decides nothing, one at its end is kept', () => {
  const interval = { low: 1, high: 2, level: 0.95 };
  const cases = [
    [{ atMost: 2 }, 'pass'],
    [{ atMost: 1.9 }, 'inconclusive'],
    [{ atMost: 0.9 }, 'fail'],
    [{ atLeast: 1 }, 'pass'],
    [{ atLeast: 1.5 }, 'inconclusive'],
    [{ atLeast: 2.1 }, 'fail'],
    // A fail of one bound is certain, whatever the other says.
    [{ atLeast: 1.5, atMost: 0.5 }, 'fail'],
    [{}, 'pass'],
  ] as const;
  for (const [bounds, verdict] of cases) {
    assert.equal(verdictOf(interval, bounds), verdict, JSON.stringify(bounds));
  }
});

test('an open end never keeps a bound, and never misses one', () => {
  assert.equal(verdictOf({ low: 1, level: 0.95 }, { atMost: 100 }), 'inconclusive');
  assert.equal(verdictOf({ low: 1, level: 0.95 }, { atMost: 0.5 }), 'fail');
  assert.equal(verdictOf({ high: 1, level: 0.95 }, { atLeast: 0 }), 'inconclusive');
  assert.equal(describeInterval({ low: 1, level: 0.95 }, String), '95 % interval 1 to anything');
});

test('a bound of 0 or 100 % is about these calls: one refutes it, none prove more', () => {
  const of = (hits: number, bounds: { atLeast?: number; atMost?: number }) =>
    verdictOfShare(hits / 100, shareInterval(hits, 100), bounds);
  assert.equal(of(100, { atLeast: 1 }), 'pass');
  assert.equal(of(99, { atLeast: 1 }), 'fail');
  assert.equal(of(0, { atMost: 0 }), 'pass');
  // All of 100: the true share is above 96.4 % with 97.5 % (0.025^0.01).
  assert.equal(of(100, { atLeast: 0.96 }), 'pass');
  assert.equal(of(100, { atLeast: 0.97 }), 'inconclusive');
  assert.equal(worstOf(['pass', 'inconclusive', 'fail']), 'fail');
  assert.equal(worstOf(['pass', 'inconclusive']), 'inconclusive');
});
