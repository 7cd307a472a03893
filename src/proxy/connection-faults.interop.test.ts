/** Faults on connections and windows as gRPC's C core (by Python) sees them, where it is installed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultWindow, startTestHost, type TestFleet } from '../../test/support/fleet.js';
import { grpcPython } from '../../test/support/foreign-servers.js';
import { startTestProxy, type TestProxy } from '../../test/support/proxy.js';
import { type PythonClient, startPythonClient } from '../../test/support/python-client.js';
import { until } from '../../test/support/until.js';
import type { faults } from '../faults/index.js';

const KIB = 1024;
/** A call with this in its metadata takes a while. */
const SLOW = { pace: 'slow' };

interface House extends AsyncDisposable {
  readonly fleet: TestFleet;
  readonly proxy: TestProxy;
  readonly client: PythonClient;
  status(metadata?: Record<string, string>, timeoutMs?: number, bytes?: number): Promise<unknown>;
  fault(kind: keyof typeof faults, options: object): void;
}

async function build(channelArguments: Readonly<Record<string, number>> = {}): Promise<House> {
  const fleet = await startTestHost({ server: 'wire' });
  const proxy = await startTestProxy(fleet.address);
  const delay = { id: 'slow', metadata: SLOW };
  proxy.faults.add(faultWindow('rpc-delay', { delay: '300ms' }, delay));
  const client = startPythonClient(proxy.address, channelArguments);
  return {
    fleet,
    proxy,
    client,
    status: async (metadata = {}, timeoutMs = 5_000, bytes = 10) =>
      (await client.say(metadata, timeoutMs, { bytes }))?.status,
    fault: (kind, options) => proxy.faults.add(faultWindow(kind, options)),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      proxy.close();
      await fleet[Symbol.asyncDispose]();
    },
  };
}

describe('connection faults, core', {
  skip: grpcPython === undefined && 'needs python3-grpcio',
}, () => {
  test('GOAWAY for none: a call that is open goes elsewhere', async () => {
    await using house = await build();
    const slow = house.status(SLOW);
    await until('it is open', () => house.proxy.hitsOf('slow') === 1);
    house.fault('h2-goaway', { last: 'none' });
    assert.equal(await slow, 'OK');
    assert.equal(house.proxy.hitsOf('slow'), 2);
    assert.equal(house.proxy.counters.connectionsAccepted, 2);
  });

  test('GOAWAY for all: what is open ends well, the next call is on another connection', async () => {
    await using house = await build();
    const slow = house.status(SLOW);
    await until('it is open', () => house.proxy.hitsOf('slow') === 1);
    house.fault('h2-goaway', { last: 'all' });
    await until('another connection is used', async () => {
      assert.equal(await house.status(), 'OK');
      return house.proxy.counters.connectionsAccepted === 2;
    });
    assert.equal(await slow, 'OK');
  });

  test('one stream at a time: calls beyond it wait, and are sent when the fault is over', async () => {
    await using house = await build();
    assert.equal(await house.status(), 'OK');
    house.fault('h2-max-streams', { streams: 1 });
    await until('the client knows', async () => {
      // It reads what comes while it has a call under way.
      await house.status();
      return house.proxy.unacknowledgedSettings === 0;
    });
    const slow = house.status(SLOW);
    await until('it is open', () => house.proxy.hitsOf('slow') === 1);
    assert.equal(await house.status({}, 50), 'DEADLINE_EXCEEDED');
    const waiting = house.status();
    assert.deepEqual(await Promise.all([slow, waiting]), ['OK', 'OK']);
    house.proxy.faults.remove('storm/h2-max-streams');
    assert.equal(await house.status(), 'OK');
  });

  test('a stalled stream ends at its deadline, and disturbs no other', async () => {
    await using house = await build();
    assert.equal(await house.status(), 'OK');
    const stalled = faultWindow('h2-window-stall', {}, { metadata: { is: 'stalled' } });
    house.proxy.faults.add(stalled);
    const large = house.status({ is: 'stalled' }, 300, 2_000 * KIB);
    assert.equal(await house.status(), 'OK');
    assert.equal(await large, 'DEADLINE_EXCEEDED');
    house.proxy.faults.remove(stalled.id);
    assert.equal(await house.status({ is: 'stalled' }, 5_000, 2_000 * KIB), 'OK');
  });

  test('a stalled connection: all its streams stop, until the fault is over', async () => {
    await using house = await build();
    assert.equal(await house.status(), 'OK');
    house.fault('h2-connection-stall', { direction: 'up' });
    const large = Array.from({ length: 4 }, () => house.status({}, 10_000, 1_000 * KIB));
    await until('the window is used up', async () => {
      return (await house.status({}, 50)) === 'DEADLINE_EXCEEDED';
    });
    house.proxy.faults.remove('storm/h2-connection-stall');
    assert.deepEqual(await Promise.all(large), ['OK', 'OK', 'OK', 'OK']);
    assert.equal(house.proxy.counters.connectionsAccepted, 1);
  });

  test('pings without an answer: UNAVAILABLE within time and timeout, then a new connection', async () => {
    await using house = await build({
      'grpc.keepalive_time_ms': 400,
      'grpc.keepalive_timeout_ms': 300,
    });
    const hang = faultWindow('rpc-hang', {}, { id: 'hang', metadata: { is: 'hung' } });
    house.proxy.faults.add(hang);
    assert.equal(await house.status(), 'OK');
    house.fault('h2-ping-drop', {});
    assert.equal(await house.status({ is: 'hung' }, 15_000), 'UNAVAILABLE');
    house.proxy.faults.remove('storm/h2-ping-drop');
    assert.equal(await house.status(), 'OK');
    assert.equal(house.proxy.counters.connectionsAccepted, 2);
  });

  test('a storm of settings is acknowledged, and calls go on', async () => {
    await using house = await build();
    assert.equal(await house.status(), 'OK');
    house.fault('h2-settings', { rate: '500/s' });
    for (let calls = 0; calls < 20; calls++) assert.equal(await house.status(), 'OK');
    house.proxy.faults.remove('storm/h2-settings');
    await until('all are acknowledged', async () => {
      await house.status();
      return house.proxy.unacknowledgedSettings === 0;
    });
    assert.equal(house.proxy.counters.connectionsAccepted, 1);
  });
});
