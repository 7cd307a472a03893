/** When a generator is called saturated: by ever lower percentiles, the fewer calls there are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latency } from '../../test/support/findings.js';
import { saturationReasons } from './saturation.js';

test('one pause of the machine does not condemn a phase of few calls, a late half does', () => {
  const judged = (count: number, ms: Partial<Record<'p50' | 'p90' | 'p95' | 'p99', number>>) => {
    const times = Object.entries(ms).map(([key, value]) => [key, value * 1e3]);
    const latenessUs = { ...latency(1, 1, count), ...Object.fromEntries(times) };
    return saturationReasons([{ phase: 'steady', latenessUs, busiest: undefined }]).length;
  };
  assert.deepEqual(
    [
      judged(8, { p90: 50, p95: 50, p99: 50 }),
      judged(8, { p50: 21 }),
      judged(150, { p95: 50, p99: 50 }),
      judged(150, { p90: 21 }),
      judged(500, { p99: 50 }),
      judged(500, { p95: 21 }),
      judged(1_000, { p99: 21 }),
    ],
    [0, 1, 0, 1, 0, 1, 1],
  );
});
