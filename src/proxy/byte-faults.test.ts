/** Faults on octets, put into a proxy that sees calls: as a client of the calls sees them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDriver } from '../../test/support/driver-client.js';
import { faultWindow, startTestHost } from '../../test/support/fleet.js';
import { startTestProxy } from '../../test/support/proxy.js';
import { until } from '../../test/support/until.js';

const FIRST = ['first'];

test('faults on octets and on calls act in one proxy, and are counted', async () => {
  await using fleet = await startTestHost({ server: 'wire' });
  using proxy = await startTestProxy(fleet.address);
  using client = await connectDriver(proxy.address, { driver: 'wire' });
  const timed = async () => {
    const startMs = performance.now();
    assert.deepEqual(await client.say(), { status: 'OK', attempts: FIRST });
    return performance.now() - startMs;
  };
  await timed();

  proxy.faults.add(faultWindow('tcp-latency', { delay: '40ms', direction: 'both' }));
  proxy.faults.add(faultWindow('rpc-delay', { delay: '30ms' }));
  // 40 ms there, 30 ms at the proxy, 40 ms back; none of them early.
  const tookMs = await timed();
  assert.ok(tookMs >= 109, `${tookMs} ms`);
  assert.deepEqual([proxy.hitsOf('storm/tcp-latency'), proxy.hitsOf('storm/rpc-delay')], [1, 1]);
  proxy.faults.clear();
  const again = await timed();
  assert.ok(again < tookMs / 2, `${again} ms, ${tookMs} ms under faults`);

  const slow = faultWindow('rpc-delay', { delay: '10s' });
  proxy.faults.add(slow);
  const lost = client.say();
  await until('it is under way', () => proxy.hitsOf(slow.id) === 2);
  proxy.faults.add(faultWindow('tcp-reset', {}));
  assert.equal((await lost).status, 'UNAVAILABLE');
  proxy.faults.clear();
  await until('another connection is there', async () => (await client.say()).status === 'OK');
  assert.ok(proxy.counters.connectionsAccepted >= 2);
});
