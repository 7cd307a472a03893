import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LostConnections } from './lost-connections.js';

test('equal losses are one with a count, and are told once', () => {
  let nowNs = 0;
  const lost = new LostConnections(() => ++nowNs);
  for (const reason of ['refused', 'closed', 'refused']) lost.add('a:1', reason);
  assert.deepEqual(lost.take(), [
    { address: 'a:1', reason: 'refused', firstNs: 1, count: 2 },
    { address: 'a:1', reason: 'closed', firstNs: 2, count: 1 },
  ]);
  assert.deepEqual(lost.take(), []);
});

test('however many reasons there are, few are kept and none is lost', () => {
  const lost = new LostConnections(() => 0);
  for (let i = 0; i < 1_000; i++) lost.add('a:1', `reason ${i}`);
  const taken = lost.take();
  assert.equal(taken.length, 17);
  assert.equal(
    taken.reduce((sum, { count }) => sum + count, 0),
    1_000,
  );
});
