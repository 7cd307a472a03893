/** The same for a client on gRPC's C core, where there is one: what it makes of each byte fault. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startByteProxy } from '../../../test/support/byte-proxy.js';
import { grpcPython } from '../../../test/support/foreign-servers.js';
import { startPythonClient } from '../../../test/support/python-client.js';
import { until } from '../../../test/support/until.js';
import { startTarget } from '../../targets/target-server.js';

/** Tries again soon after it lost a connection. */
const BACKOFF = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 100,
};

function startCoreClient(address: string) {
  const client = startPythonClient(address, BACKOFF);
  return {
    async say(deadlineMs: number, { waits } = { waits: true }) {
      return (await client.say({}, deadlineMs, { waitForReady: waits }))?.status;
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

test('gRPC core through a byte relay: each fault', { skip: grpcPython === undefined }, async () => {
  const config = { backend: { name: 'b0', port: 0 }, seed: 1, faults: [], intervalNs: 1e9 };
  const target = await startTarget(config, { snapshot() {}, event() {} });
  using proxy = await startByteProxy(target.port);
  {
    await using client = startCoreClient(proxy.address);
    const expect = async (status: string, deadlineMs = 10_000) =>
      assert.equal(await client.say(deadlineMs), status);

    const stalled = proxy.begin('tcp-accept-stall');
    await expect('DEADLINE_EXCEEDED', 100);
    stalled();
    await expect('OK');

    const harms = [
      proxy.begin('tcp-latency', { delay: '5ms', jitter: '5ms' }),
      proxy.begin('tcp-slice', { size: '5B', variation: '4B' }),
      proxy.begin('tcp-bandwidth', { rate: '50KB/s' }),
    ];
    await expect('OK');
    for (const end of harms) end();

    const dark = proxy.begin('tcp-blackhole');
    await expect('DEADLINE_EXCEEDED', 100);
    const patient = client.say(10_000);
    const carried = [...proxy.relays][0]?.bytesUp ?? 0;
    await until('it to wait', () => proxy.front.heldBytes > 0);
    assert.equal([...proxy.relays][0]?.bytesUp, carried);
    dark();
    assert.equal(await patient, 'OK');

    const before = proxy.ends.length;
    const silent = proxy.begin('tcp-blackhole', { direction: 'down' });
    const lost = client.say(10_000);
    await until('the call to be answered', () => proxy.front.heldBytes > 0);
    const reset = proxy.begin('tcp-reset', {}, { count: 1 });
    assert.equal(await lost, 'UNAVAILABLE');
    silent();
    reset();
    await expect('OK');
    assert.equal(proxy.ends.length, before + 1);

    const closing = proxy.begin('tcp-close-after', { bytes: '5B' }, { count: 1 });
    await expect('UNAVAILABLE');
    closing();
    await expect('OK');

    const refused = proxy.begin('tcp-refuse');
    await expect('OK');
    proxy.begin('tcp-reset', {}, { count: 1 })();
    await until('the connection to go', () => proxy.front.connectionCount === 0);
    assert.equal(await client.say(10_000, { waits: false }), 'UNAVAILABLE');
    refused();
    await expect('OK');
  }
  target.stop();
});
