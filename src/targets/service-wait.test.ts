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
      const wait = createWait(pacing, monotonicNowNs);
      const soonNs = monotonicNowNs() + 2e6;
      const fired: string[] = [];
      wait(soonNs, () => fired.push('at once'))();
      const cancelLater = wait(soonNs + 3e6, () => fired.push('on the way'));
      await new Promise<void>((resolve) => wait(soonNs, resolve));
      cancelLater();
      cancelLater();
      await new Promise<void>((resolve) => wait(soonNs + 5e6, resolve));
      assert.deepEqual(fired, []);
    });
  });
}

test('precise is less late than relaxed', async () => {
  const median = (late: number[]) => late[late.length >> 1] ?? Number.NaN;
  const relaxedNs = median(await latenessNs('relaxed', 31));
  const preciseNs = median(await latenessNs('precise', 31));
  assert.ok(preciseNs < relaxedNs / 2, `${preciseNs} ns beside ${relaxedNs} ns`);
});
