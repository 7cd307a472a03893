import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { NS_PER_MS } from '../../base/clock.js';
import { DeadlineQueue, type Expiring } from './deadline-queue.js';

class Call implements Expiring {
  deadlineNs = 0;
  ended = false;
  expired = 0;
  expire() {
    this.expired++;
    this.ended = true;
  }
}

/** A queue of calls that have 10 ms each, on a clock that only moves when told to. */
function queueOnMockedTime(t: { after(fn: () => void): void }) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  let nowNs = 0;
  const queue = new DeadlineQueue(10 * NS_PER_MS, () => nowNs);
  const advanceMs = (ms: number) => {
    for (let i = 0; i < ms; i++) {
      nowNs += NS_PER_MS;
      mock.timers.tick(1);
    }
  };
  const add = () => {
    const call = new Call();
    queue.add(call, nowNs);
    return call;
  };
  return { queue, advanceMs, add };
}

test('each call expires once, at its deadline and not before', (t) => {
  const { advanceMs, add } = queueOnMockedTime(t);
  const first = add();
  advanceMs(1);
  const second = add();
  advanceMs(8);
  assert.deepEqual([first.expired, second.expired], [0, 0]);
  advanceMs(1);
  assert.deepEqual([first.expired, second.expired], [1, 0]);
  advanceMs(1);
  assert.deepEqual([first.expired, second.expired], [1, 1]);
  advanceMs(20);
  assert.deepEqual([first.expired, second.expired], [1, 1]);
});

test('calls that have ended do not expire, and are not kept', (t) => {
  const { queue, advanceMs, add } = queueOnMockedTime(t);
  const calls = Array.from({ length: 10_000 }, add);
  for (const call of calls) call.ended = true;
  const last = add();
  assert.equal(queue.length, 1);
  advanceMs(10);
  assert.equal(last.expired, 1);
  assert.ok(calls.every(({ expired }) => expired === 0));
});

test('a queue that was empty for a while works on', (t) => {
  const { advanceMs, add } = queueOnMockedTime(t);
  add().ended = true;
  advanceMs(30);
  const later = add();
  advanceMs(9);
  assert.equal(later.expired, 0);
  advanceMs(1);
  assert.equal(later.expired, 1);
});

test('what is cleared does not expire', (t) => {
  const { queue, advanceMs, add } = queueOnMockedTime(t);
  const call = add();
  queue.clear();
  advanceMs(20);
  assert.equal(call.expired, 0);
  assert.equal(queue.length, 0);
});
