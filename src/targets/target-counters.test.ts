import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DurationHistogram } from '../metrics/histogram.js';
import { NO_QUEUE } from './service-queue.js';
import { createTargetCounters } from './target-counters.js';

test('counts are handed over once, and only those of what happened are named', () => {
  const counters = createTargetCounters();
  counters.received(0);
  counters.received(0);
  counters.received(3);
  counters.received(1_000_000);
  counters.answered(0);
  counters.answered(14);
  counters.cancelled();
  counters.messages.received();
  counters.messages.delivered();
  counters.messages.delivered();
  counters.messages.dropped();
  counters.messages.disconnected();
  counters.messages.kept(7, 90);
  counters.messages.kept(3, 30);
  counters.messages.holding(9, 120);
  counters.messages.holding(-4, -50);
  counters.messages.senderStopped();
  counters.health.checked();
  counters.health.watched();
  counters.queued(5e6);
  const { queueTime, sendersStoppedNs, ...taken } = counters.take({ ...NO_QUEUE, shed: 4 }, {});
  assert.ok((sendersStoppedNs ?? 0) >= 0);
  assert.deepEqual(taken, {
    receivedByPreviousAttempts: { 0: 2, 3: 1, 99: 1 },
    answeredByCode: { OK: 1, UNAVAILABLE: 1 },
    cancelled: 1,
    messagesReceived: 1,
    messagesDelivered: 2,
    messagesDropped: 1,
    readersDisconnected: 1,
    outboxMessagesMax: 7,
    outboxBytesMax: 90,
    heldMessagesMax: 9,
    heldBytesMax: 120,
    readersBlockedNs: 0,
    sendersStopped: 1,
    healthChecks: 1,
    healthWatchers: 1,
    ...NO_QUEUE,
    shed: 4,
    faults: {},
  });
  const decoded = new DurationHistogram();
  decoded.addEncoded(queueTime ?? '');
  assert.equal(decoded.count, 1);
  assert.equal(Math.round(decoded.maxNs / 1e5), 50);

  const again = counters.take(NO_QUEUE, {});
  assert.deepEqual(again.receivedByPreviousAttempts, {});
  assert.deepEqual(again.answeredByCode, {});
  assert.equal(again.cancelled, 0);
  assert.deepEqual([again.heldMessagesMax, again.heldBytesMax], [5, 70], 'they are still held');
  assert.equal(again.queueTime, undefined, 'nothing queued is absent, not zero');
});
