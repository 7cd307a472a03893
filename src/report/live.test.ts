/** The live line: figures that were measured, in one order, on one line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveLine } from './live.js';

test('a line with everything, and one with the least', () => {
  const full = liveLine({
    variant: 'retry',
    elapsedMs: 12_003,
    phase: 'storm',
    offeredPerSecond: 400,
    goodputPerSecond: 376.4,
    inFlight: 1017,
    p50Us: 5100,
    p99Us: 48_000,
    byCode: { OK: 376, UNAVAILABLE: 20, DEADLINE_EXCEEDED: 4 },
    missed: 3,
    amplification: 1.875,
  });
  assert.equal(
    full,
    '   12 s  retry  storm  offered 400/s  good 376/s  open 1,017  p50 5.1 ms  p99 48 ms  ' +
      '1.875 att./call  missed 3  UNAVAILABLE 20  DEADLINE_EXCEEDED 4',
  );
  const least = liveLine({
    elapsedMs: 1000,
    phase: 'warm\n-up',
    offeredPerSecond: 0,
    goodputPerSecond: 0,
    inFlight: 0,
    byCode: {},
  });
  assert.equal(least, '    1 s  warm -up  offered 0/s  good 0/s  open 0');
});
