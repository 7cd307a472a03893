/** A proxy whose clock is no load's, before clients that know nothing of squall, and clients that do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCall } from '../../test/support/call-witness.js';
import { framed, reply, startHttp2Peer } from '../../test/support/http2-peer.js';
import { startTestProxy } from '../../test/support/proxy.js';
import { openRaw, rawCall } from '../../test/support/raw-call.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import { readFault } from '../scenarios/fault-entries.js';
import { windowOf } from './control/fault-entry.js';

const CONNECTIONS = 24;

test('clients with one call on each connection draw each for themselves', async () => {
  await using peer = await startHttp2Peer((stream) => reply(stream, framed(3), '0'));
  using proxy = await startTestProxy(peer.address);
  const half = readFault('rpc-abort: { code: UNAVAILABLE, share: 50% }');
  proxy.faults.add(windowOf(half, 'half', 0));
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    using session = openRaw(proxy.address);
    await rawCall(session, { body: [framed(3)] });
  }
  const hits = proxy.hitsOf('half');
  assert.ok(hits > CONNECTIONS / 6 && hits < (CONNECTIONS * 5) / 6, `${hits} of ${CONNECTIONS}`);
});

test("a load's calls meet the faults of now: its due times are of another clock", async () => {
  await using peer = await startHttp2Peer((stream) => reply(stream, framed(3), '0'));
  for (const isOnLoadClock of [true, false]) {
    using proxy = await startTestProxy(peer.address, { isOnLoadClock, now: () => 50e9 });
    // The call says that it was due at 0.
    proxy.faults.add(windowOf(readFault('rpc-abort: { code: DATA_LOSS }'), 'abort', 40e9));
    using client = createDriver([proxy.address], clientSchema.parse({ driver: 'wire' }));
    await client.ready(5_000);
    const { status } = await startCall(client, 5_000).ended;
    assert.equal(status, isOnLoadClock ? 'OK' : 'DATA_LOSS');
  }
});
