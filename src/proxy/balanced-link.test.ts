/** Calls spread by the proxy: whom they reach, and what clients notice of a backend that goes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurn, startBalanced } from '../../test/support/balanced.js';
import { channelOf, createWitness, startCall } from '../../test/support/call-witness.js';
import { until } from '../../test/support/until.js';

const CHAT_METHOD = '/chat.ChatService/Chat';
const THREE = [{}, {}, {}];
const allOk = (statuses: readonly string[]) => statuses.every((status) => status === 'OK');

for (const driver of ['wire', 'grpc-js'] as const) {
  test(`round_robin over three, of two ${driver} clients together: exactly a third each`, async () => {
    using servers = await startBalanced('round_robin', THREE);
    using one = await servers.connect(driver);
    using two = await servers.connect(driver);
    const calls = Array.from({ length: 90 }, (_, n) => startCall(n % 2 ? one : two, 5_000).ended);
    assert.ok(allOk((await Promise.all(calls)).map(({ status }) => status)));
    assert.equal(servers.proxy.counters.callsStarted, 90);
    assert.deepEqual(
      servers.proxy.upstreams.map(({ name, calls, statuses }) => [name, calls, statuses[0]]),
      [
        ['b0', 30, 30],
        ['b1', 30, 30],
        ['b2', 30, 30],
      ],
    );
    assert.deepEqual(servers.received(), [30, 30, 30]);
  });
}

test('least_request keeps calls from a backend that is slow', async () => {
  const slow = { slots: 1, queue: 1_000, serviceTime: { kind: 'fixed', ns: 100e6 } as const };
  using servers = await startBalanced('least_request', [{ capacity: slow }, {}, {}]);
  using client = await servers.connect('wire');
  const stuck = Array.from({ length: 3 }, () => startCall(client, 5_000).ended);
  await until('two of three answered', () => servers.proxy.counters.statuses[0] === 2);
  assert.ok(allOk(await inTurn(client, 30)));
  await Promise.all(stuck);
  const [ofSlow = 0, ...others] = servers.received();
  assert.ok(ofSlow <= 3, `the slow one got ${ofSlow} of 33`);
  assert.ok(others.every((count) => count >= 10));
});

test('a backend that dies takes its own calls with it and nothing else', async () => {
  using servers = await startBalanced('round_robin', THREE);
  const lostByClient: string[] = [];
  using client = await servers.connect('wire', lostByClient);
  const streams = THREE.map(() => {
    const { ticket, ended } = createWitness();
    const stream = channelOf(client).stream(CHAT_METHOD, ticket, 10e9, {}, () => {});
    return { stream, ended };
  });
  assert.ok(allOk(await inTurn(client, 3)), 'every backend has a connection');
  servers.targets[1]?.stop();
  assert.equal((await streams[1]?.ended)?.status, 'UNAVAILABLE');
  assert.ok(allOk(await inTurn(client, 12)), 'a dead backend gets no call');
  for (const index of [0, 2]) streams[index]?.stream.finish();
  assert.equal((await streams[0]?.ended)?.status, 'OK');
  assert.equal((await streams[2]?.ended)?.status, 'OK');
  assert.deepEqual(lostByClient, [], 'the client has kept its connection');
  assert.ok(servers.lost.every((reason) => reason.startsWith('b1: ')));
});

test('a GOAWAY of a backend does not reach the client: its calls end, new ones go elsewhere', async () => {
  using servers = await startBalanced('round_robin', THREE);
  const lostByClient: string[] = [];
  using client = await servers.connect('wire', lostByClient);
  const { ticket, ended } = createWitness();
  const stream = channelOf(client).stream(CHAT_METHOD, ticket, 10e9, {}, () => {});
  assert.ok(allOk(await inTurn(client, 3)));
  const drained = servers.targets[0]?.drain(5e9);
  assert.ok(allOk(await inTurn(client, 12)));
  stream.finish();
  assert.equal((await ended).status, 'OK', 'a call that was under way ends as it would have');
  await drained;
  assert.deepEqual(lostByClient, []);
});

test('when none can be reached a call ends UNAVAILABLE, and the client stays connected', async () => {
  using servers = await startBalanced('least_request', THREE);
  using client = await servers.connect('wire');
  for (const target of servers.targets) target.stop();
  const started = performance.now();
  assert.deepEqual(await inTurn(client, 3), ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
  assert.ok(performance.now() - started < 4_000, 'at once, not by its deadline');
  assert.equal(servers.proxy.connectionCount, 1);
  assert.match(servers.lost.join('\n'), /b0: .*ECONNREFUSED/);
});

test('a client that goes takes all of its connections with it', async () => {
  using servers = await startBalanced('round_robin', THREE);
  const client = await servers.connect('wire');
  assert.ok(allOk(await inTurn(client, 6)));
  assert.equal(servers.proxy.connectionCount, 1);
  client[Symbol.dispose]();
  await until('the link is gone', () => servers.proxy.connectionCount === 0);
});
