/** TLS from a client to its server, through a proxy that sees octets and can do to them what networks do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCall } from '../../test/support/call-witness.js';
import { framed, reply, startHttp2Peer } from '../../test/support/http2-peer.js';
import { until } from '../../test/support/until.js';
import { monotonicNowNs } from '../base/clock.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import { readFault } from '../scenarios/fault-entries.js';
import { createCertificate } from '../targets/certificate.js';
import { windowOf } from './control/fault-entry.js';
import { startPassThrough } from './pass-through.js';

async function passTo(address: string) {
  const events: string[] = [];
  const lost: string[] = [];
  const proxy = await startPassThrough({
    host: '127.0.0.1',
    port: 0,
    upstream: { host: '127.0.0.1', port: Number(address.split(':')[1]) },
    seed: 1,
    onEvent: ({ kind, subject }) => events.push(`${kind} ${subject}`),
    onLost: (reason) => lost.push(reason),
  });
  return {
    proxy,
    events,
    lost,
    put: (id: string, text: string) =>
      proxy.faults.add(windowOf(readFault(text), id, monotonicNowNs())),
    [Symbol.dispose]: () => proxy.close(),
  };
}

test("a client trusts the server's certificate, and a reset takes its connection", async () => {
  const certificate = createCertificate();
  await using peer = await startHttp2Peer(
    (stream, nth) => (nth === 1 ? undefined : reply(stream, framed(3), '0')),
    {},
    certificate,
  );
  using passing = await passTo(peer.address);
  const { proxy, events } = passing;
  const spec = { ...clientSchema.parse({ driver: 'grpc-js' }), tls: { ca: certificate.cert } };
  using client = createDriver([`127.0.0.1:${proxy.port}`], spec);
  await client.ready(5_000);
  assert.equal((await startCall(client, 5_000).ended).status, 'OK');
  const [connection, ...others] = proxy.connections();
  assert.deepEqual(others, []);
  assert.match(connection?.peer ?? '', /^127\.0\.0\.1:\d+$/);
  // The second call waits for a reply that does not come.
  const { ended } = startCall(client, 5_000);
  await until('the second call', () => peer.streams === 2);
  passing.put('cut', 'tcp-reset: { count: 1 }');
  assert.equal((await ended).status, 'UNAVAILABLE');
  assert.equal(proxy.faults.takeCounts()['cut']?.hit, 1);
  assert.equal(proxy.faults.remove('cut'), true);
  assert.equal(proxy.faults.remove('cut'), false);
  assert.deepEqual(events, ['fault.start cut', 'fault.end cut']);
  await until('what was relayed', () => proxy.counters.bytesDown > 0);
  assert.ok(proxy.counters.bytesUp > 0);
});

test('faults that ask for more than octets are refused, and so is an id that is taken', async () => {
  using passing = await passTo('127.0.0.1:1');
  const { proxy, put } = passing;
  assert.throws(() => put('abort', 'rpc-abort: { code: INTERNAL }'), /more than octets/);
  put('slow', 'tcp-latency: { delay: 1ms }');
  assert.throws(() => put('slow', 'tcp-latency: { delay: 2ms }'), RangeError);
  assert.deepEqual(
    proxy.faults.windows.map(({ id }) => id),
    ['slow'],
  );
  proxy.faults.clear();
  assert.deepEqual(proxy.faults.windows, []);
});

test('a server that is not there is told', async () => {
  using passing = await passTo('127.0.0.1:1');
  const { proxy, lost } = passing;
  using client = createDriver(
    [`127.0.0.1:${proxy.port}`],
    clientSchema.parse({ driver: 'grpc-js' }),
  );
  assert.equal((await startCall(client, 5_000).ended).status, 'UNAVAILABLE');
  await until('a reason', () => lost.length > 0);
  assert.match(lost[0] ?? '', /^the server cannot be reached: .*ECONNREFUSED/);
  assert.ok(proxy.counters.upstreamsLost > 0);
});
