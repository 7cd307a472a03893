import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { NS_PER_MS } from './clock.js';
import { DueQueue } from './due-queue.js';
import { createRng } from './rng.js';

/** A queue on a clock that only moves when told to, together with node's mocked timers. */
function queueOnMockedTime(t: { after(fn: () => void): void }) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  let nowNs = 0;
  const queue = new DueQueue(() => nowNs);
  const advanceMs = (ms: number) => {
    for (let i = 0; i < ms; i++) {
      nowNs += NS_PER_MS;
      mock.timers.tick(1);
    }
  };
  return { queue, advanceMs, now: () => nowNs };
}

test('a thousand entries run in the order they are due, none early, none more than 1 ms late', (t) => {
  const { queue, advanceMs, now } = queueOnMockedTime(t);
  const rng = createRng(1, 'due-queue');
  const ran: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const dueNs = Math.floor(rng() * 100 * NS_PER_MS);
    queue.at(dueNs, (due) => {
      assert.equal(due, dueNs);
      assert.ok(now() >= dueNs && now() - dueNs <= NS_PER_MS, `${now()} for ${dueNs}`);
      ran.push(dueNs);
    });
  }
  advanceMs(101);
  assert.equal(ran.length, 1000);
  assert.deepEqual(
    ran,
    ran.toSorted((a, b) => a - b),
  );
  assert.equal(queue.length, 0);
});

test('entries due at one time run in the order they were put in, also when put in meanwhile', (t) => {
  const { queue, advanceMs } = queueOnMockedTime(t);
  const ran: string[] = [];
  queue.at(NS_PER_MS, () => {
    ran.push('a');
    queue.at(NS_PER_MS, () => ran.push('c'));
  });
  queue.at(NS_PER_MS, () => ran.push('b'));
  advanceMs(2);
  assert.deepEqual(ran, ['a', 'b', 'c']);
});

test('an earlier entry put in later comes first', (t) => {
  const { queue, advanceMs } = queueOnMockedTime(t);
  const ran: string[] = [];
  queue.at(5 * NS_PER_MS, () => ran.push('late'));
  queue.at(2 * NS_PER_MS, () => ran.push('early'));
  advanceMs(3);
  assert.deepEqual(ran, ['early']);
  advanceMs(3);
  assert.deepEqual(ran, ['early', 'late']);
});

test('what is cleared does not run', (t) => {
  const { queue, advanceMs } = queueOnMockedTime(t);
  queue.at(NS_PER_MS, () => assert.fail('ran'));
  queue.clear();
  advanceMs(3);
});
