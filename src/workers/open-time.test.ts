/** The number of open calls over time, on a clock that the test reads out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenTime } from './open-time.js';

test('the sum is that of the times for which each call was open, by phase', () => {
  const open = new OpenTime(2);
  open.opened(0, 10);
  open.opened(0, 30);
  open.opened(1, 30);
  open.closed(0, 40);
  // Phase 0: one call for 20, two for 10, one for 10. Phase 1: one for 20.
  assert.equal(open.take(0, 50), 20 + 20 + 10);
  assert.equal(open.take(1, 50), 20);
  open.closed(0, 55);
  open.closed(1, 60);
  assert.equal(open.take(0, 100), 5);
  assert.equal(open.take(1, 100), 10);
  assert.equal(open.take(0, 200), 0);
});

test('readings out of order leave the sum as it is', () => {
  const open = new OpenTime(1);
  open.opened(0, 10);
  // It ended at 50; the next was due at 45, and its reading comes later.
  open.closed(0, 50);
  open.opened(0, 45);
  open.closed(0, 60);
  assert.equal(open.take(0, 60), 40 + 15);
});
