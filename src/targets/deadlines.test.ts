import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { NS_PER_MS } from '../base/clock.js';
import { Deadlines } from './deadlines.js';

/** Deadlines on a clock that only moves when told to, together with node's mocked timers. */
function deadlinesOnMockedTime(t: { after(fn: () => void): void }) {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
  t.after(() => mock.timers.reset());
  let nowNs = 0;
  const advanceMs = (ms: number) => {
    for (let i = 0; i < ms; i++) {
      nowNs += NS_PER_MS;
      mock.timers.tick(1);
    }
  };
  return { deadlines: new Deadlines(() => nowNs), advanceMs, now: () => nowNs };
}

test('each call is ended at its time, never before and at most 2 ms after', (t) => {
  const { deadlines, advanceMs, now } = deadlinesOnMockedTime(t);
  const late: number[] = [];
  for (let i = 0; i < 500; i++) {
    const atNs = (i * 7_919_333) % (90 * NS_PER_MS);
    deadlines.add(atNs, { expire: () => void late.push(now() - atNs) });
  }
  advanceMs(93);
  assert.equal(late.length, 500);
  assert.ok(Math.min(...late) >= 0, `${Math.min(...late)} ns`);
  assert.ok(Math.max(...late) <= 2 * NS_PER_MS, `${Math.max(...late)} ns`);
});

test('what is over by then is left alone, and what shares its millisecond is not', (t) => {
  const { deadlines, advanceMs } = deadlinesOnMockedTime(t);
  const ended: string[] = [];
  const add = (name: string) => deadlines.add(5.5e6, { expire: () => void ended.push(name) });
  const [forgetA] = [add('a'), add('b')];
  forgetA?.();
  forgetA?.();
  advanceMs(8);
  assert.deepEqual(ended, ['b']);
  add('c');
  deadlines.clear();
  advanceMs(8);
  assert.deepEqual(ended, ['b']);
});
