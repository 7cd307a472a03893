import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../test/support/manual-clock.js';
import type { TargetSnapshot } from './protocol.js';
import { NO_QUEUE } from './service-queue.js';
import { postSnapshots } from './snapshots.js';
import { createTargetCounters } from './target-counters.js';

function snapshots(startNs = 0) {
  const clock = createManualClock(startNs);
  const counters = createTargetCounters();
  const posted: TargetSnapshot[] = [];
  const stop = postSnapshots({
    intervalNs: 100,
    now: clock.now,
    callAt: clock.callAt,
    take: () => counters.take(NO_QUEUE, {}),
    post: (snapshot) => posted.push(snapshot),
  });
  const shown = () =>
    posted.map(({ fromNs, toNs, counts }) => [fromNs, toNs, counts.messagesReceived]);
  return { clock, counters, stop, shown };
}

test('snapshots lie on multiples of the interval and hold what was counted in each', () => {
  const { clock, counters, stop, shown } = snapshots(-20);
  counters.messages.received();
  clock.advanceTo(150);
  counters.messages.received();
  counters.messages.received();
  clock.advanceTo(230);
  stop();
  stop();
  clock.advanceTo(1_000);
  assert.deepEqual(shown(), [
    [0, 100, 1],
    [100, 200, 2],
    [200, 230, 0],
  ]);
  assert.equal(clock.armed, 0);
});

test('a pause of the process makes one long snapshot, and the next are aligned again', () => {
  const { clock, counters, shown } = snapshots();
  counters.messages.received();
  clock.jumpTo(470);
  clock.advanceTo(500);
  assert.deepEqual(shown(), [
    [0, 400, 1],
    [400, 500, 0],
  ]);
});
