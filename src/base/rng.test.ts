import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng, exponential, hashToUnit } from './rng.js';

const DRAWS = 100_000;

/** Mean of so many draws. */
function meanOf(draw: (index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < DRAWS; i++) sum += draw(i);
  return sum / DRAWS;
}

test('one seed and stream give one sequence; another of either gives another', () => {
  const first = createRng(7, 'a');
  const again = createRng(7, 'a');
  const otherStream = createRng(7, 'b');
  const otherSeed = createRng(8, 'a');
  const draws = Array.from({ length: 5 }, first);
  assert.deepEqual(Array.from({ length: 5 }, again), draws);
  assert.notDeepEqual(Array.from({ length: 5 }, otherStream), draws);
  assert.notDeepEqual(Array.from({ length: 5 }, otherSeed), draws);
});

test('draws are uniform in mean and in each tenth', () => {
  const rng = createRng(1, 'uniform');
  const tenths = new Array<number>(10).fill(0);
  const mean = meanOf(() => {
    const value = rng();
    const tenth = Math.floor(value * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    return value;
  });
  // Standard error of the mean: sqrt(1/12/100000) = 0.0009. Four of them.
  assert.ok(Math.abs(mean - 0.5) < 0.0037, String(mean));
  // Each tenth: 10,000 ± sqrt(100000 × 0.1 × 0.9) = 95. Five of them.
  for (const count of tenths) assert.ok(Math.abs(count - 10_000) < 475, String(tenths));
});

test('hashes of consecutive numbers are uniform and do not follow each other', () => {
  const mean = meanOf((i) => hashToUnit(7, i));
  assert.ok(Math.abs(mean - 0.5) < 0.0037, String(mean));
  // Correlation of neighbours: mean of (u_i − ½)(u_{i+1} − ½), standard error 1/12/√100000 = 0.00026.
  const covariance = meanOf((i) => (hashToUnit(7, i) - 0.5) * (hashToUnit(7, i + 1) - 0.5));
  assert.ok(Math.abs(covariance) < 0.0011, String(covariance));
});

test('a hash sees numbers beyond 32 bits', () => {
  assert.notEqual(hashToUnit(1), hashToUnit(1 + 2 ** 32));
});

test('exponential draws have mean 1', () => {
  const rng = createRng(3, 'exponential');
  // Standard error: 1/√100000 = 0.0032. Four of them.
  assert.ok(Math.abs(meanOf(() => exponential(rng)) - 1) < 0.0127);
});
