/**
 * Keepalive as it is for: both drivers against servers that froze, both servers against clients that
 * did, and clients that are sent away because they ping too often.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { channelOf, createWitness, startCall } from '../../test/support/call-witness.js';
import { startTestFleet } from '../../test/support/fleet.js';
import { openListener, openRaw } from '../../test/support/raw-call.js';
import { startTestTarget } from '../../test/support/target.js';
import { until } from '../../test/support/until.js';
import { encodeListenRequest, LISTEN_METHOD } from '../calls/chat-codec.js';
import { SERVER_KINDS, targetsSchema } from '../targets/spec.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { Driver } from './driver.js';

const DRIVERS = ['grpc-js', 'wire'] as const;

/** Opens a stream that ends only when its connection does. */
function listen(client: Driver): Promise<{ readonly status: string }> {
  const { ticket, ended } = createWitness();
  const request = encodeListenRequest(0);
  channelOf(client).serverStream(LISTEN_METHOD, request, ticket, undefined, {}, () => {});
  return ended;
}

test('a server that froze is found out after time and timeout, and not before', async () => {
  await using fleet = await startTestFleet({ server: 'wire' });
  const lost: string[] = [];
  const onConnectionLost = (_address: string, reason: string) => lost.push(reason);
  const clientWith = async (driver: (typeof DRIVERS)[number], keepalive: object) => {
    const spec = clientSchema.parse({ driver, keepalive });
    const client = createDriver([fleet.address], spec, { onConnectionLost });
    await client.ready(5_000);
    assert.equal((await startCall(client, 5_000).ended).status, 'OK');
    return client;
  };
  const clients = await Promise.all(
    DRIVERS.map(async (driver) => ({
      driver,
      eager: await clientWith(driver, { time: '60ms', timeout: '60ms' }),
      patient: await clientWith(driver, { time: '150ms', timeout: '200ms' }),
    })),
  );
  const pid = fleet.backends[0]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  const frozenMs = performance.now();
  await Promise.all(
    clients.map(async ({ driver, eager, patient }) => {
      const order: string[] = [];
      const death = async (name: string, client: Driver, timeoutMs: number) => {
        const { status } = await listen(client);
        order.push(name);
        assert.equal(status, 'UNAVAILABLE', `${driver} ${name}`);
        // Whose time has passed already needs the timeout only.
        const tookMs = performance.now() - frozenMs;
        assert.ok(tookMs >= timeoutMs * 0.95, `${driver} ${name} after ${tookMs} ms`);
      };
      await Promise.all([death('eager', eager, 60), death('patient', patient, 200)]);
      assert.deepEqual(order, ['eager', 'patient'], driver);
      for (const client of [eager, patient]) client[Symbol.dispose]();
    }),
  );
  process.kill(pid, 'SIGCONT');
  // grpc-js keeps its reasons to itself.
  const silent = (seconds: number) =>
    `the peer did not answer a keepalive ping within ${seconds} s`;
  assert.deepEqual(lost, [silent(0.06), silent(0.2)]);
});

for (const driver of DRIVERS) {
  test(`${driver}: who pings too often is sent away, and pings half as often`, async () => {
    const sinceOpenMs: number[] = [];
    const sessions = new Set<ServerHttp2Session>();
    const server = createServer().on('session', (session) => {
      const openedMs = performance.now();
      sessions.add(session);
      session.on('error', () => {});
      session.once('ping', () => {
        sinceOpenMs.push(performance.now() - openedMs);
        session.goaway(11, 0, Buffer.from('too_many_pings'));
        setImmediate(() => session.destroy());
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const TIME_MS = 40;
    const keepalive = { time: `${TIME_MS}ms`, permitWithoutCalls: true };
    const options = { 'grpc.initial_reconnect_backoff_ms': 20 };
    using client = createDriver([address], clientSchema.parse({ driver, keepalive, options }));
    await until('three connections were pinged on', () => {
      // grpc-js connects again only when it is wanted.
      if (sessions.size === sinceOpenMs.length) void startCall(client, 1_000);
      return sinceOpenMs.length >= 3;
    });
    for (const session of sessions) session.destroy();
    server.close();
    const [first = 0, second = 0, third = 0] = sinceOpenMs;
    assert.ok(first >= TIME_MS * 0.9, `${sinceOpenMs}`);
    assert.ok(second >= 2 * TIME_MS * 0.95, `${sinceOpenMs}`);
    assert.ok(third >= 4 * TIME_MS * 0.95, `${sinceOpenMs}`);
  });
}

test('the wire server lets a client ping so often, and sends it away at the third early ping', async () => {
  const [spec] = targetsSchema.parse({ server: 'wire', keepalive: { minTime: '1m' } });
  using target = await startTestTarget(spec ?? {});
  using session = openRaw(target.address);
  await once(session, 'remoteSettings');
  const goaway = new Promise<[number, string]>((resolve) =>
    session.once('goaway', (code, _last, text) => resolve([code, String(text)])),
  );
  const listener = openListener(session);
  listener.on('error', () => {});
  const closed = new Promise((resolve) => listener.once('close', resolve));
  let answered = 0;
  for (let sent = 0; sent < 10 && !session.destroyed; sent++) {
    await new Promise<void>((resolve) =>
      session.ping((error) => {
        if (error === null) answered++;
        resolve();
      }),
    );
  }
  assert.deepEqual(await goaway, [11, 'too_many_pings']);
  // The first, and two that came too early.
  assert.equal(answered, 3);
  await closed;
  for (const driver of DRIVERS) {
    const lost: string[] = [];
    const keepalive = { time: '15ms', permitWithoutCalls: true };
    using client = createDriver([target.address], clientSchema.parse({ driver, keepalive }), {
      onConnectionLost: (_address, reason) => lost.push(reason),
    });
    await client.ready(5_000);
    // Node's HTTP/2 resets its streams with the code of the GOAWAY, and grpc-js goes by that.
    const expected = driver === 'wire' ? 'UNAVAILABLE' : 'RESOURCE_EXHAUSTED';
    assert.equal((await listen(client)).status, expected);
    if (driver === 'wire') {
      await until('it is told', () => lost.length > 0);
      assert.equal(lost[0], 'the peer sent GOAWAY ENHANCE_YOUR_CALM "too_many_pings"');
    }
  }
});

test('both servers find out a client that froze, and keep one that lives', async () => {
  const keepalive = { time: '100ms', timeout: '100ms' };
  await Promise.all(
    SERVER_KINDS.map(async (server) => {
      const [spec] = targetsSchema.parse({ server, keepalive });
      using target = await startTestTarget(spec ?? {});
      const { address } = target;
      using lives = openRaw(address);
      await once(lives, 'remoteSettings');
      // It says what a client has to say at first, and answers nothing from then on.
      const openedMs = performance.now();
      const frozen = connect(Number(address.split(':')[1]), '127.0.0.1');
      frozen.on('error', () => {});
      frozen.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
      frozen.resume();
      await once(frozen, 'close');
      assert.ok(performance.now() - openedMs >= 190, server);
      assert.equal(lives.destroyed, false, server);
    }),
  );
});

test('what does not go together is refused', () => {
  const messageOf = (schema: typeof targetsSchema | typeof clientSchema, options: object) =>
    schema.safeParse(options).error?.issues.map(({ path, message }) => `${path}: ${message}`)[0];
  const targets = (keepalive: object) => messageOf(targetsSchema, { keepalive });
  assert.match(targets({}) ?? '', /^keepalive: it needs a time/);
  assert.match(targets({ minTime: '1s' }) ?? '', /^keepalive,minTime: the grpc-js server lets/);
  assert.match(targets({ minTime: '1s', timeout: '1s' }) ?? '', /^keepalive,timeout: /);
  assert.match(targets({ time: '1s', permitWithoutCalls: true }) ?? '', /^keepalive,permit/);
  const options = { 'grpc.keepalive_time_ms': 1 };
  assert.match(
    messageOf(clientSchema, { keepalive: { time: '1s' }, options }) ?? '',
    /^keepalive: give keepalive or options "grpc.keepalive_time_ms", not both/,
  );
});
