import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hitFingerprint, hits } from '../faults/decide.js';
import type { CallView, FaultWindow } from '../faults/fault.js';
import { createCallFaults } from './call-faults.js';

function abort(id: string, changes: Partial<FaultWindow> = {}): FaultWindow {
  return {
    id,
    kind: 'rpc-abort',
    phase: 'storm',
    fromNs: 100,
    toNs: 200,
    options: { code: 'UNAVAILABLE', stage: 'trailers-only', message: id },
    ...changes,
  };
}

function view(ordinal: number, previousAttempts = 0): CallView {
  return { method: '/chat.ChatService/Say', ordinal, previousAttempts };
}

test('the first fault that hits decides, and those behind it have not seen the attempt', () => {
  const half = abort('half', { share: 0.5 });
  const faults = createCallFaults([half, abort('all')], 7);
  const calls = Array.from({ length: 1_000 }, (_, ordinal) => view(ordinal));
  const hitByHalf = calls.filter((call) => hits(half, call, 7)).length;
  for (const call of calls) {
    const effect = faults.meet(call, 150)?.effect;
    assert.equal(
      effect?.effect === 'abort' && effect.details,
      hits(half, call, 7) ? 'half' : 'all',
    );
  }
  const counts = faults.takeCounts();
  assert.deepEqual(
    [counts['half']?.seen, counts['half']?.hit, counts['all']?.seen, counts['all']?.hit],
    [1_000, hitByHalf, 1_000 - hitByHalf, 1_000 - hitByHalf],
  );
});

test('nothing happens outside of a window, for other methods, or without faults', () => {
  const say = createCallFaults([abort('say', { methods: ['chat.ChatService/Say'] })], 1);
  assert.equal(say.meet(view(0), 99), undefined);
  assert.equal(say.meet(view(0), 200), undefined);
  assert.equal(say.meet({ ...view(0), method: '/chat.ChatService/Chat' }, 150), undefined);
  assert.deepEqual(say.takeCounts(), {}, 'what it did not look at it has not seen');
  assert.equal(createCallFaults([], 1).meet(view(0), 150), undefined);
});

test('the fingerprint is of the first attempts that were hit, in any order, once', () => {
  const window = abort('a');
  const fingerprintOf = (calls: readonly CallView[]) => {
    const faults = createCallFaults([window], 1);
    for (const call of calls) faults.meet(call, 150);
    return faults.takeCounts()['a'];
  };
  const forth = fingerprintOf([view(1), view(2), view(3), view(2, 1)]);
  const back = fingerprintOf([view(2, 1), view(3), view(2), view(1)]);
  assert.deepEqual(forth, back);
  assert.deepEqual([forth?.hit, forth?.hitFirst, forth?.seenFirst], [4, 3, 3]);
  const expected = [1, 2, 3].reduce(
    (sum, ordinal) => sum + hitFingerprint(window, view(ordinal)),
    0,
  );
  assert.equal(forth?.hitFirstSum, expected >>> 0);
  assert.notEqual(fingerprintOf([view(1), view(2)])?.hitFirstSum, forth?.hitFirstSum);
  const sentTwice = fingerprintOf([view(1), view(1)]);
  assert.notEqual(sentTwice?.hitFirstSum, 0, 'a transparent retry is a first attempt, too');
});

test('counts start over when they are taken', () => {
  const faults = createCallFaults([abort('a')], 1);
  faults.meet(view(0), 150);
  assert.equal(faults.takeCounts()['a']?.seen, 1);
  assert.deepEqual(faults.takeCounts(), {});
});
