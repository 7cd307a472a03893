/** What is said of connections that were lost, or never made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLoss } from './describe-loss.js';

const BACKENDS = [
  { name: 'b0', address: '127.0.0.1:5000' },
  { name: 'b1', address: '127.0.0.1:5001' },
];
const lost = (count: number, reason: string, address = '127.0.0.1:5001') =>
  describeLoss(3, { address, reason, count }, BACKENDS);

test('backends are named, and what was never connected is not called lost', () => {
  assert.equal(lost(1, 'read ECONNRESET'), 'worker 3 lost its connection to b1: read ECONNRESET');
  assert.equal(lost(25, 'read ECONNRESET'), 'worker 3 lost 25 connections to b1: read ECONNRESET');
  assert.equal(
    lost(15, 'connect ECONNREFUSED'),
    'worker 3 could not connect to b1, 15 times: connect ECONNREFUSED',
  );
  assert.equal(
    lost(1, 'connect ECONNRESET'),
    'worker 3 could not connect to b1: connect ECONNRESET',
  );
});

test('an address that no backend has, or that several share, is told as it is', () => {
  assert.match(lost(1, 'gone', '127.0.0.1:9'), /to 127\.0\.0\.1:9: gone$/);
  const shared = BACKENDS.map(({ name }) => ({ name, address: 'proxy:1' }));
  const told = describeLoss(0, { address: 'proxy:1', reason: 'gone', count: 1 }, shared);
  assert.match(told, /to proxy:1: gone$/);
});
