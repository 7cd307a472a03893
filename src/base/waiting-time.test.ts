import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingTime } from './waiting-time.js';

test('waits add up, those that go on are taken as far as they are, and nothing twice', () => {
  let nowNs = 1_000;
  const time = new WaitingTime(() => nowNs);
  assert.deepEqual(time.take(), { times: 0, ns: 0 });
  time.begin();
  nowNs = 1_010;
  time.begin();
  nowNs = 1_015;
  // One for 15, one for 5.
  assert.deepEqual(time.take(), { times: 2, ns: 20 });
  nowNs = 1_020;
  time.end();
  nowNs = 1_100;
  time.end();
  assert.equal(time.waiting, 0);
  nowNs = 2_000;
  assert.deepEqual(time.take(), { times: 0, ns: 5 + 5 + 80 });
  assert.deepEqual(time.take(), { times: 0, ns: 0 });
});

test('the clock is read only when something begins, ends, or is taken while it waits', () => {
  let reads = 0;
  const time = new WaitingTime(() => reads++);
  time.take();
  time.take();
  assert.equal(reads, 0);
  time.begin();
  time.end();
  assert.equal(reads, 2);
});
