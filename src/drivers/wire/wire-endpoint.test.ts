/** What is the wire driver's own: several connections to an address, and calls that wait for a stream. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCall } from '../../../test/support/call-witness.js';
import { framed, reply, startHttp2Peer } from '../../../test/support/http2-peer.js';
import {
  goaway,
  type Script,
  startScript,
  streamLimit,
} from '../../../test/support/http2-script.js';
import { monotonicNowNs } from '../../base/clock.js';
import { parseGrpcTimeout } from '../../http2/grpc-timeout.js';
import { clientSchema } from '../client-schema.js';
import { createDriver } from '../create-driver.js';
import type { Driver } from '../driver.js';

function wire(address: string, connections: number): Driver {
  return createDriver([address], clientSchema.parse({ driver: 'wire', connections }));
}

const answering: Script = { onRequest: (peer, streamId) => peer.reply(streamId) };

test('calls go over all connections in turn', async () => {
  await using server = await startScript(answering);
  using client = wire(server.address, 3);
  await client.ready(5_000);
  const ended = Array.from({ length: 12 }, () => startCall(client, 2_000).ended);
  assert.ok((await Promise.all(ended)).every(({ status }) => status === 'OK'));
  assert.deepEqual(
    server.peers.map(({ streams }) => streams.length),
    [4, 4, 4],
  );
});

test('beyond the limits of all connections calls wait, are counted, and go in their order', async () => {
  const came: string[] = [];
  const held: (() => void)[] = [];
  await using server = await startScript({
    greeting: [streamLimit(2)],
    onRequest(peer, streamId, payload) {
      // The call's number is in its id, a literal field: `<ordinal>.0`.
      came.push(/(\d+)\.0/.exec(payload.toString('latin1'))?.[1] ?? '?');
      held.push(() => peer.reply(streamId));
      if (held.length === 4) for (const answer of held.splice(0)) answer();
    },
  });
  using client = wire(server.address, 2);
  await client.ready(5_000);
  const ended = Array.from({ length: 12 }, (_, n) => startCall(client, 2_000, n + 100).ended);
  const waits = (await Promise.all(ended)).map(({ status, waiting }) => `${status} ${waiting}`);
  assert.deepEqual(waits, [
    ...Array(4).fill('OK undefined'),
    ...Array.from({ length: 8 }, (_, n) => `OK ${n + 1}`),
  ]);
  assert.deepEqual(came.slice(4), ['104', '105', '106', '107', '108', '109', '110', '111']);
});

test('a call that has waited sends the time that remains; one that has not, all of it', async () => {
  const WAIT_NS = 30e6;
  const timeoutsNs: number[] = [];
  const peer = startHttp2Peer(
    (stream, nth, headers) => {
      timeoutsNs.push(parseGrpcTimeout(String(headers['grpc-timeout'])) ?? Number.NaN);
      if (nth > 0) reply(stream, framed(3), '0');
      else setTimeout(() => reply(stream, framed(3), '0'), WAIT_NS / 1e6);
    },
    { maxConcurrentStreams: 1 },
  );
  await using server = await peer;
  using client = wire(server.address, 1);
  await client.ready(5_000);
  const startNs = monotonicNowNs();
  const both = [startCall(client, 2_000), startCall(client, 2_000)];
  for (const { ended } of both) assert.equal((await ended).status, 'OK');
  const tookNs = monotonicNowNs() - startNs;
  assert.equal(timeoutsNs[0], 2e9);
  // The timer of the server is whole milliseconds, and begins a little after the call.
  assert.ok((timeoutsNs[1] ?? 0) <= 2e9 - WAIT_NS + 2e6, `${timeoutsNs[1]} ns`);
  assert.ok((timeoutsNs[1] ?? 0) >= 2e9 - tookNs, `${timeoutsNs[1]} ns of 2 s, ${tookNs} ns later`);
});

test('a server that sends every call away is not asked for ever', async () => {
  await using server = await startScript({ onRequest: (peer) => peer.send(goaway(0)) });
  using client = wire(server.address, 1);
  await client.ready(5_000);
  const { status, attempts } = await startCall(client).ended;
  assert.equal(status, 'UNAVAILABLE');
  assert.deepEqual(attempts, ['first', 'transparent']);
  // The second connection in a row without a reply: the next one is made after the backoff.
  assert.equal(server.peers.length, 2);
});

test('why a connection is lost, or cannot be made, is told with its address', async () => {
  const told: string[] = [];
  const spec = clientSchema.parse({ driver: 'wire' });
  await using server = await startScript({
    onRequest: (peer, streamId) => peer.send(goaway(streamId, 11, 'too many')),
  });
  using client = createDriver([server.address], spec, {
    onConnectionLost: (address, reason) => told.push(`${address} ${reason}`),
  });
  await client.ready(5_000);
  const { ended } = startCall(client);
  server.peers[0]?.socket.on('data', () => server.peers[0]?.socket.destroy());
  assert.equal((await ended).status, 'UNAVAILABLE');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, [`${server.address} the peer sent GOAWAY ENHANCE_YOUR_CALM "too many"`]);
});

test('calls that wait for a connection that fails go to another address', async () => {
  const gone = await startScript(answering);
  await gone.stop();
  await using server = await startScript(answering);
  using client = createDriver(
    [gone.address, server.address],
    clientSchema.parse({ driver: 'wire' }),
  );
  // Both are being connected to, so that every other call waits in vain.
  const ended = Array.from({ length: 4 }, () => startCall(client, 2_000).ended);
  const outcomes = (await Promise.all(ended)).map(({ status, attempts }) => [status, ...attempts]);
  assert.deepEqual(outcomes, Array(4).fill(['OK', 'first']));
});
