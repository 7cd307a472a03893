/** What real clients make of each byte fault, through a relay of bytes before a real server. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ByteProxy, startByteProxy } from '../../../test/support/byte-proxy.js';
import type { Ended } from '../../../test/support/call-witness.js';
import { startCall } from '../../../test/support/call-witness.js';
import { connectDriver, type DriverClient } from '../../../test/support/driver-client.js';
import { until } from '../../../test/support/until.js';
import { clientSchema } from '../../drivers/client-schema.js';
import { createDriver } from '../../drivers/create-driver.js';
import { startTarget, type Target } from '../../targets/target-server.js';

const QUICK_BACKOFF = {
  'grpc.initial_reconnect_backoff_ms': 20,
  'grpc.max_reconnect_backoff_ms': 20,
};
const KEEPALIVE = { 'grpc.keepalive_time_ms': 150, 'grpc.keepalive_timeout_ms': 150 };

let target: Target;

before(async () => {
  const config = { backend: { name: 'b0', port: 0 }, seed: 1, faults: [], intervalNs: 1e9 };
  target = await startTarget(config, { snapshot() {}, event() {} });
});
after(() => target.stop());

/** Whether something has happened so far. */
function watched<Value>(promise: Promise<Value>): { value(): Value | undefined } {
  let value: Value | undefined;
  void promise.then((settled) => {
    value = settled;
  });
  return { value: () => value };
}

interface Scene {
  readonly proxy: ByteProxy;
  readonly client: DriverClient;
  /** A stream that is open for as long as its connection is. */
  readonly listening: { readonly ended: Promise<Ended>; cancel(): void };
}

for (const driver of ['grpc-js', 'wire'] as const) {
  describe(`${driver} through a byte relay`, () => {
    /** A client with an open stream, connected through a proxy of its own. */
    async function withScene(
      act: (scene: Scene) => Promise<void>,
      options: object = {},
    ): Promise<void> {
      using proxy = await startByteProxy(target.port);
      const settings = { driver, options: { ...QUICK_BACKOFF, ...options } };
      using client = await connectDriver(proxy.address, settings);
      assert.equal((await client.say()).status, 'OK');
      const listening = client.listen(1e6);
      await until('the stream to be open', async () => {
        await client.say();
        return listening.heardMs.length > 0;
      });
      await act({ proxy, client, listening });
    }

    test('reset: UNAVAILABLE, also for what is idle; then it connects again', () =>
      withScene(async ({ proxy, client, listening }) => {
        const over = proxy.begin('tcp-reset');
        assert.equal((await listening.ended).status, 'UNAVAILABLE');
        await until('no connection', () => proxy.ends.length === 1);
        over();
        // grpc-js fails calls that came while it could not connect.
        await until('a new connection', async () => (await client.say()).status === 'OK');
        assert.ok(proxy.front.connectionCount === 1);
      }));

    test('close-after: a connection that ends within a frame is UNAVAILABLE for its calls', () =>
      withScene(async ({ proxy, client, listening }) => {
        const over = proxy.begin('tcp-close-after', { bytes: '5B' });
        assert.equal((await client.say()).status, 'UNAVAILABLE');
        assert.equal((await listening.ended).status, 'UNAVAILABLE');
        over();
        await until('a new connection', async () => (await client.say()).status === 'OK');
      }));

    test('blackhole: silence until the deadline; what was held comes when it ends', () =>
      withScene(async ({ proxy, client, listening }) => {
        const over = proxy.begin('tcp-blackhole');
        const patient = client.say();
        assert.equal((await client.say({}, 100)).status, 'DEADLINE_EXCEEDED');
        assert.equal(watched(patient).value(), undefined);
        over();
        assert.equal((await patient).status, 'OK');
        listening.cancel();
        assert.deepEqual(proxy.ends, [], 'it is the same connection');
      }));

    test('blackhole that drops: the connection stays silent after it, and another is not', () =>
      withScene(async ({ proxy, client }) => {
        const over = proxy.begin('tcp-blackhole', { drop: true });
        assert.equal((await client.say({}, 50)).status, 'DEADLINE_EXCEEDED');
        over();
        assert.equal((await client.say({}, 100)).status, 'DEADLINE_EXCEEDED');
        using other = await connectDriver(proxy.address, {
          driver,
          // grpc-js would share the connection.
          options: { ...(driver === 'grpc-js' && { 'grpc.use_local_subchannel_pool': 1 }) },
        });
        assert.equal((await other.say()).status, 'OK');
      }));

    test('latency: a round trip is longer by it, and no longer so when it ended', () =>
      withScene(async ({ proxy, client }) => {
        const roundTripMs = async () => {
          const startMs = performance.now();
          assert.equal((await client.say()).status, 'OK');
          return performance.now() - startMs;
        };
        const over = proxy.begin('tcp-latency', { delay: '60ms', jitter: '10ms' });
        const lateMs = await roundTripMs();
        assert.ok(lateMs >= 100, `${lateMs} ms`);
        over();
        const times = [await roundTripMs(), await roundTripMs(), await roundTripMs()];
        assert.ok(Math.min(...times) < lateMs / 2, `${times} ms`);
      }));

    test('slices and a narrow link: every message arrives, whole', () =>
      withScene(async ({ proxy, client, listening }) => {
        proxy.begin('tcp-slice', { size: '7B', variation: '6B' });
        proxy.begin('tcp-bandwidth', { rate: '200KB/s' });
        const replies = Array.from({ length: 20 }, () => client.say());
        assert.ok((await Promise.all(replies)).every(({ status }) => status === 'OK'));
        assert.equal(watched(listening.ended).value(), undefined);
      }));

    test('refuse: what is connected goes on, new connections fail, then work', () =>
      withScene(async ({ proxy, client }) => {
        const over = proxy.begin('tcp-refuse');
        assert.equal((await client.say()).status, 'OK');
        const options = {
          ...QUICK_BACKOFF,
          ...(driver === 'grpc-js' && { 'grpc.use_local_subchannel_pool': 1 }),
        };
        using other = createDriver([proxy.address], clientSchema.parse({ driver, options }));
        assert.equal((await startCall(other, 5_000).ended).status, 'UNAVAILABLE');
        over();
        await until(
          'it to be served',
          async () => (await startCall(other, 5_000).ended).status === 'OK',
        );
      }));

    test('accept-stall: connections open and nobody serves them before it ends', async () => {
      using proxy = await startByteProxy(target.port);
      const over = proxy.begin('tcp-accept-stall');
      const options = { ...QUICK_BACKOFF };
      using client = createDriver([proxy.address], clientSchema.parse({ driver, options }));
      const patient = startCall(client, 20_000);
      await until('a connection', () => proxy.front.connectionCount === 1);
      assert.equal((await startCall(client, 100).ended).status, 'DEADLINE_EXCEEDED');
      assert.equal(proxy.relays.size, 0);
      over();
      assert.equal((await patient.ended).status, 'OK');
      assert.equal(proxy.relays.size, 1);
    });
  });
}

test('slow-close: grpc-js goes by GOAWAY, and loses no call on connections that close late', async () => {
  const backend = { name: 'b0', port: 0, limits: { connectionAgeNs: 50e6 } };
  const config = { backend, seed: 1, faults: [], intervalNs: 1e9 };
  const aging = await startTarget(config, { snapshot() {}, event() {} });
  using proxy = await startByteProxy(aging.port);
  const over = proxy.begin('tcp-slow-close', { delay: '1h' });
  using client = await connectDriver(proxy.address, {});
  const statuses = new Set<string>();
  await until('three connections, none of which has ended', async () => {
    statuses.add((await client.say()).status);
    return proxy.front.connectionCount === 3;
  });
  assert.deepEqual([...statuses], ['OK']);
  assert.deepEqual(proxy.ends, []);
  over();
  await until('the old ones to go', () => proxy.ends.length >= 2);
  assert.equal((await client.say()).status, 'OK');
  aging.stop();
});

test('grpc-js goes to another address when the first is refused, or silent for 250 ms', async () => {
  for (const kind of ['tcp-refuse', 'tcp-accept-stall'] as const) {
    using bad = await startByteProxy(target.port);
    using good = await startByteProxy(target.port);
    bad.begin(kind);
    using client = createDriver([bad.address, good.address], clientSchema.parse({}));
    assert.equal((await startCall(client, 5_000).ended).status, 'OK');
    assert.deepEqual([bad.relays.size, good.relays.size], [0, 1]);
  }
});

test('grpc-js with keepalive finds a dead connection; without it does not, and no server does', async () => {
  using proxy = await startByteProxy(target.port);
  using careful = await connectDriver(proxy.address, {
    options: { ...QUICK_BACKOFF, ...KEEPALIVE },
  });
  using careless = await connectDriver(proxy.address, { options: QUICK_BACKOFF });
  const streams = [careful.listen(1e6), careless.listen(1e6)] as const;
  await until('the streams', async () => {
    await careful.say();
    return streams.every(({ heardMs }) => heardMs.length > 0);
  });
  const over = proxy.begin('tcp-blackhole', {}, { count: 2 });
  assert.equal((await streams[0].ended).status, 'UNAVAILABLE');
  const carelessly = watched(streams[1].ended);
  // The count is used up: a new connection is spared.
  await until('a new connection', async () => (await careful.say({}, 1_000)).status === 'OK');
  assert.equal(carelessly.value(), undefined);
  assert.deepEqual(proxy.ends, [], 'the server has not heard of it');
  over();
  await until('the dead connection to go', () => proxy.ends.length === 1);
  assert.equal((await careless.say()).status, 'OK');
  assert.equal(carelessly.value(), undefined);
});
