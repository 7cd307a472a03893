import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.js';

test('the first leaves at once, the next an interval later, whenever it comes', () => {
  const pace = new Pace(100);
  assert.ok(pace.nextNs <= 0);
  pace.leaves(1_000, false);
  assert.equal(pace.nextNs, 1_100);
  pace.leaves(5_000, false);
  assert.equal(pace.nextNs, 5_100);
});

test('lateness of timers does not add up, a pause is not made up for', () => {
  const pace = new Pace(100);
  pace.leaves(1_000, false);
  for (const [nowNs, nextNs] of [
    [1_130, 1_200],
    [1_290, 1_300],
    [5_000, 5_000],
    [5_010, 5_100],
  ] as const) {
    pace.leaves(nowNs, true);
    assert.equal(pace.nextNs, nextNs, `after ${nowNs}`);
  }
});
