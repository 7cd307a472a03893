import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { monotonicNowNs, NS_PER_MS } from './clock.js';
import { deferred } from './deferred.js';
import { DueQueue } from './due-queue.js';
import { createRng } from './rng.js';

/** A queue on a clock that only moves when told to, together with node's mocked timers. */
function queueOnMockedTime(t: { after(fn: () => void): void }) {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
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

test('a queue that cannot keep up lets the event loop turn', async () => {
  const queue = new DueQueue(monotonicNowNs);
  const startNs = monotonicNowNs();
  let ran = 0;
  let turns = 0;
  const done = deferred();
  const countTurns = () => {
    turns++;
    if (ran < 100) setImmediate(countTurns);
    else done.resolve();
  };
  // A hundred entries that are due already and take a millisecond each: 100 ms, 2 ms at a time.
  for (let i = 0; i < 100; i++) {
    queue.at(startNs, () => {
      const untilNs = monotonicNowNs() + NS_PER_MS;
      while (monotonicNowNs() < untilNs);
      ran++;
    });
  }
  setImmediate(countTurns);
  await done.promise;
  assert.ok(turns > 20, String(turns));
});

test('what is cleared does not run', (t) => {
  const { queue, advanceMs } = queueOnMockedTime(t);
  queue.at(NS_PER_MS, () => assert.fail('ran'));
  queue.clear();
  advanceMs(3);
});

/** Median lateness of 400 entries, 0.25 ms apart: a timer's millisecond would hold four of them. */
async function medianLatenessNs(queue: DueQueue): Promise<number> {
  const startNs = monotonicNowNs();
  const latenessNs: number[] = [];
  const done = deferred();
  for (let i = 0; i < 400; i++) {
    queue.at(startNs + i * 250_000, (dueNs) => {
      latenessNs.push(monotonicNowNs() - dueNs);
      if (i === 399) done.resolve();
    });
  }
  await done.promise;
  assert.ok(latenessNs.every((ns) => ns >= 0));
  return latenessNs.toSorted((a, b) => a - b)[200] ?? 0;
}

test('precise pacing is never early, and less late than a timer', async () => {
  const precise = new DueQueue(monotonicNowNs, 'precise');
  const relaxed = new DueQueue(monotonicNowNs, 'relaxed');
  // In turn, and the best of five each: what a neighbour on the machine takes away hits both.
  const medians = { precise: Number.POSITIVE_INFINITY, relaxed: Number.POSITIVE_INFINITY };
  for (let round = 0; round < 5; round++) {
    medians.precise = Math.min(medians.precise, await medianLatenessNs(precise));
    medians.relaxed = Math.min(medians.relaxed, await medianLatenessNs(relaxed));
  }
  assert.ok(medians.precise < medians.relaxed / 2, JSON.stringify(medians));
  assert.ok(precise.takeIdleNs() > 0);
  assert.equal(precise.takeIdleNs(), 0);
  assert.equal(relaxed.takeIdleNs(), 0);
});
