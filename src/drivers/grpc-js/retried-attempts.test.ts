/**
 * Attempts of the interceptor `retry` as they are counted: on the client by the balancer that sees them
 * all, on the server by what they say of themselves. Both have to agree.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startCall } from '../../../test/support/call-witness.js';
import { makeChains } from '../../../test/support/chains.js';
import { monotonicNowNs } from '../../base/clock.js';
import type { FaultWindow } from '../../faults/fault.js';
import type { TargetSnapshot } from '../../targets/protocol.js';
import { startTarget } from '../../targets/target-server.js';
import { clientSchema } from '../client-schema.js';
import { createDriver } from '../create-driver.js';

const always = (kind: string, options: object): FaultWindow => ({
  id: `all/${kind}`,
  kind,
  phase: 'all',
  fromNs: 0,
  toNs: 3600e9,
  share: 1,
  options,
});

const retry = {
  attempts: 4,
  backoff: { initial: '1ms', maximum: '1ms' },
  retryOn: ['UNAVAILABLE', 'DEADLINE_EXCEEDED'],
  timeouts: ['30ms', '60ms'],
};

async function callOnce(port: number) {
  const chains = makeChains({ client: [{ retry }] });
  using driver = createDriver([`127.0.0.1:${port}`], clientSchema.parse({}), {
    interceptors: chains.client,
  });
  await driver.ready(5_000);
  return await startCall(driver, 10_000).ended;
}

async function oneCall(fault: FaultWindow) {
  const snapshots: TargetSnapshot[] = [];
  const config = { backend: { name: 'b0', port: 0 }, seed: 1, faults: [fault], intervalNs: 1e9 };
  const target = await startTarget(config, { snapshot: (one) => snapshots.push(one), event() {} });
  // Long past: what is due at 0 lies in the fault's window.
  target.begin(monotonicNowNs() - 1e9, 0, {});
  const { status, attempts } = await callOnce(target.port);
  target.stop();
  const received: Record<string, number> = {};
  for (const { counts } of snapshots) {
    for (const [previous, count] of Object.entries(counts.receivedByPreviousAttempts)) {
      received[previous] = (received[previous] ?? 0) + count;
    }
  }
  return { status, attempts, received };
}

test('attempts are retries to the client that makes them, and to the server that gets them', async () => {
  const abort = { code: 'UNAVAILABLE', stage: 'trailers-only', message: 'x' };
  const ended = await oneCall(always('rpc-abort', abort));
  assert.equal(ended.status, 'UNAVAILABLE');
  assert.deepEqual(ended.attempts, ['first', 'retry', 'retry', 'retry']);
  assert.deepEqual(ended.received, { 0: 1, 1: 1, 2: 1, 3: 1 });
});

test('so are those that were given up, because their own time was over', async () => {
  const ended = await oneCall(always('rpc-hang', {}));
  assert.equal(ended.status, 'DEADLINE_EXCEEDED');
  assert.deepEqual(ended.attempts, ['first', 'retry', 'retry', 'retry']);
  assert.deepEqual(ended.received, { 0: 1, 1: 1, 2: 1, 3: 1 });
});

test('transparent retries of the channel below are its own, whatever they repeat', async () => {
  const seen: string[] = [];
  const server = createServer().on('stream', (stream, headers) => {
    seen.push(String(headers['grpc-previous-rpc-attempts'] ?? 0));
    stream.on('error', () => {});
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ended = await callOnce((server.address() as AddressInfo).port);
  server.close();
  assert.equal(ended.status, 'UNAVAILABLE');
  const kinds = ['first', 'transparent', 'retry', 'transparent', 'retry', 'transparent'];
  assert.deepEqual(ended.attempts.slice(0, 6), kinds);
  assert.deepEqual(seen, ['0', '0', '1', '1', '2', '2', '3', '3']);
});
