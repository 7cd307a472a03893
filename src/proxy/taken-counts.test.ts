import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerBlock } from '../http2/header-block.js';
import { headerFields } from '../http2/header-field.js';
import { CallCount, countHeld, createProxyCounters } from './proxy-counters.js';
import { takingCounts } from './taken-counts.js';

const call = (previous?: string) =>
  headerBlock(
    headerFields([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', '/a/B'],
      ...(previous === undefined ? [] : [['grpc-previous-rpc-attempts', previous] as const]),
    ]),
    0,
    false,
    '',
  );

test('each interval has what came in it; what is held now begins the next', () => {
  const counters = createProxyCounters();
  const take = takingCounts(counters);
  const count = new CallCount(counters);
  for (const block of [call(), call(), call('2'), call('1000'), call('x')]) {
    count.call(block);
  }
  countHeld(counters, 300);
  countHeld(counters, -200);
  counters.statuses[14] = 2;
  counters.resetsByServers++;
  counters.windowStalls++;
  counters.healthAnswers.NOT_SERVING++;
  const first = take();
  assert.equal(first.calls, 5);
  assert.deepEqual(first.receivedByPreviousAttempts, { '0': 3, '2': 1, '99': 1 });
  assert.deepEqual(first.answeredByCode, { UNAVAILABLE: 2 });
  assert.equal(first.heldBytesMax, 300);
  assert.equal(first.resetsByServers, 1);
  count.call(call('2'));
  const second = take();
  assert.deepEqual(second.receivedByPreviousAttempts, { '2': 1 });
  assert.deepEqual(second.answeredByCode, {});
  assert.deepEqual(first.healthAnswers, { NOT_SERVING: 1 });
  assert.equal('healthAnswers' in second, false, 'nobody asked');
  assert.equal(second.heldBytesMax, 100);
  assert.equal(second.windowStalls, 0);
  countHeld(counters, -100);
  take();
  assert.equal(take().heldBytesMax, 0);
});
