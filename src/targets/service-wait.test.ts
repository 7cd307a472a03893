import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { monotonicNowNs } from '../base/clock.js';
import { PACINGS, type Pacing } from '../base/due-queue.js';
import { createWait } from './service-wait.js';

/** Waits for a number of ends of about 3.5 ms, one after another; how late each was, in ns. */
async function latenessNs(pacing: Pacing, ends: number): Promise<number[]> {
  const wait = createWait(pacing, monotonicNowNs);
  const late: number[] = [];
  for (let i = 0; i < ends; i++) {
    const dueNs = monotonicNowNs() + 3.2e6 + (i % 7) * 1e5;
    await new Promise<void>((resolve) => wait(dueNs, resolve));
    late.push(monotonicNowNs() - dueNs);
  }
  return late.toSorted((a, b) => a - b);
}

for (const pacing of PACINGS) {
  describe(`waiting ${pacing}`, () => {
    test('never ends before the time, nor within the call that asks', async () => {
      const wait = createWait(pacing, monotonicNowNs);
      let fired = false;
      const passed = new Promise<void>((resolve) => {
        wait(monotonicNowNs() - 1e9, () => {
          fired = true;
          resolve();
        });
      });
      assert.equal(fired, false);
      await passed;
      const [earliest = -1] = await latenessNs(pacing, 15);
      assert.ok(earliest >= 0, `${earliest} ns`);
    });

    test('what was cancelled does not happen, at any point of the wait', async () => {
      // The waits' clock stands still until told: no pause of this process can end one before its cancel.
      let nowNs = 0;
      const wait = createWait(pacing, () => nowNs);
      const ownWait = createWait(pacing, monotonicNowNs);
      const passedMs = (ms: number) =>
        new Promise<void>((resolve) => ownWait(monotonicNowNs() + ms * 1e6, resolve));
      const fired: string[] = [];
      wait(1e6, () => fired.push('at once'))();
      const cancelFar = wait(4e6, () => fired.push('on a timer'));
      const cancelNear = wait(0.2e6, () => fired.push('at the next turn'));
      const kept = new Promise<void>((resolve) => wait(4e6, resolve));
      await passedMs(2);
      for (const cancel of [cancelFar, cancelNear, cancelFar]) cancel();
      nowNs = 5e6;
      await kept;
      await passedMs(5);
      assert.deepEqual(fired, []);
    });
  });
}

test('precise is less late than relaxed', async () => {
  const median = (late: number[]) => late[late.length >> 1] ?? Number.NaN;
  // In turn, and the best of five each: what a neighbour on the machine takes away hits both.
  let relaxedNs = Number.POSITIVE_INFINITY;
  let preciseNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    relaxedNs = Math.min(relaxedNs, median(await latenessNs('relaxed', 9)));
    preciseNs = Math.min(preciseNs, median(await latenessNs('precise', 9)));
  }
  assert.ok(preciseNs < relaxedNs / 2, `${preciseNs} ns beside ${relaxedNs} ns`);
});
