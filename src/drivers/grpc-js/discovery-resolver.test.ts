/**
 * Discovery faults as the real client meets them: its channel, its balancers, servers of its own kind.
 * What a list, none, a failure and a late answer do to calls, to calls that wait for ready and to
 * streams that are open, and that nothing of it is left afterwards.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type NumberedClient,
  type NumberedServers,
  numberedClient,
  startServers,
} from '../../../test/support/numbered-servers.js';
import { until } from '../../../test/support/until.js';
import { callAt, monotonicNowNs } from '../../base/clock.js';
import { statusCode } from '../../base/status.js';
import { Discovery } from '../discovery.js';
import { discoveryTarget } from './discovery-resolver.js';

const ALL = ['b0', 'b1', 'b2'];
/** Enough to come to every server in turn. */
const ROUND = 6;
const BALANCERS = ['round_robin', 'weighted_round_robin', 'pick_first'] as const;

let servers: NumberedServers;
before(async () => {
  servers = await startServers(3);
});
after(() => servers[Symbol.dispose]());

interface Lab extends Disposable {
  readonly discovery: Discovery;
  /** A client that has not asked for anything yet. */
  client(): NumberedClient;
}

function lab(balancer: string, { backends } = servers): Lab {
  const discovery = new Discovery({
    backends,
    after: (ns, fire) => callAt(monotonicNowNs() + ns, fire),
    onSaid: () => {},
  });
  const addresses = backends.map(({ address }) => address);
  const name = discoveryTarget(discovery, addresses);
  const clients: NumberedClient[] = [];
  return {
    discovery,
    client() {
      const client = numberedClient(name.target, {
        'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ [balancer]: {} }] }),
        'grpc.initial_reconnect_backoff_ms': 100,
      });
      clients.push(client);
      return client;
    },
    [Symbol.dispose]() {
      for (const client of clients) client.close();
      name[Symbol.dispose]();
      discovery[Symbol.dispose]();
    },
  };
}

/** Waits until calls come to just these servers. */
const settled = (client: NumberedClient, names: readonly string[]) =>
  until(names.join(), async () => (await client.those(ROUND)).join() === names.join());

for (const balancer of ['round_robin', 'weighted_round_robin'] as const) {
  test(`${balancer}: calls go to those that are named, streams stay where they are`, async () => {
    using all = lab(balancer);
    const client = all.client();
    await settled(client, ALL);
    const streams = ALL.map(() => client.stream());
    const places = await Promise.all(streams.map((stream) => stream.say()));
    assert.deepEqual(places.toSorted(), ALL);

    const undo = all.discovery.name(['b1', 'b2']);
    assert.deepEqual(await client.those(ROUND), ['b1', 'b2'], 'from the next call on');
    assert.deepEqual(await Promise.all(streams.map((stream) => stream.say())), places);
    undo();
    await settled(client, ALL);
    const ends = await Promise.all(streams.map((stream) => stream.end()));
    assert.deepEqual(ends, ['OK', 'OK', 'OK']);
  });
}

test('pick_first leaves the one that it has when the list does, and loses no call', async () => {
  using all = lab('pick_first');
  const client = all.client();
  assert.deepEqual(await client.those(ROUND), ['b0']);
  const stream = client.stream();
  assert.equal(await stream.say(), 'b0');
  const undo = all.discovery.name(['b1', 'b2']);
  await until('b1', async () => (await client.those(1)).join() === 'b1');
  assert.equal(await stream.say(), 'b0');
  undo();
  await until('b0', async () => (await client.those(1)).join() === 'b0');
  assert.equal(await stream.end(), 'OK');
});

describe('an empty list', () => {
  test('weighted_round_robin: new calls fail at once, those that wait for ready wait', async () => {
    using all = lab('weighted_round_robin');
    const client = all.client();
    await client.those(ROUND);
    const stream = client.stream();
    const place = await stream.say();
    const undo = all.discovery.name([]);
    const { status, details } = await client.which();
    assert.equal(status, 'UNAVAILABLE');
    assert.match(details, /No addresses resolved/);
    const waiting = client.which({ waitForReady: true });
    assert.equal(await stream.say(), place);
    assert.equal((await client.which()).status, 'UNAVAILABLE');
    undo();
    assert.equal((await waiting).status, 'OK');
    assert.equal(await stream.end(), 'OK');
    await settled(client, ALL);
  });

  // What grpc-js 1.14.7 does: its round_robin without children says IDLE, and IDLE queues.
  test('round_robin: new calls wait like those that wait for ready, to their deadline', async () => {
    using all = lab('round_robin');
    const client = all.client();
    await client.those(ROUND);
    const stream = client.stream();
    const place = await stream.say();
    const undo = all.discovery.name([]);
    all.discovery.takeCounts();
    assert.equal((await client.which({ deadlineMs: 50 })).status, 'DEADLINE_EXCEEDED');
    assert.ok(all.discovery.takeCounts().asked > 0, 'and the client asks for addresses again');
    const waiting = client.which();
    assert.equal(await stream.say(), place);
    undo();
    assert.equal((await waiting).status, 'OK');
    assert.equal(await stream.end(), 'OK');
    await settled(client, ALL);
  });

  test('pick_first: goes on with the connection that it has', async () => {
    using all = lab('pick_first');
    const client = all.client();
    await client.those(1);
    const undo = all.discovery.name([]);
    assert.deepEqual(await client.those(ROUND), ['b0']);
    undo();
    assert.deepEqual(await client.those(ROUND), ['b0']);
  });
});

for (const balancer of BALANCERS) {
  test(`${balancer}: a failure changes nothing for one that has a list`, async () => {
    using all = lab(balancer);
    const client = all.client();
    const before = await client.those(ROUND);
    const recover = all.discovery.fail(statusCode('UNAVAILABLE'), 'the name service is down');
    assert.deepEqual(await client.those(ROUND), before);
    assert.equal(all.discovery.takeCounts().told, 2);
    recover();
    await settled(client, before);
  });

  test(`${balancer}: a failure is the end of calls of one that never had a list`, async () => {
    using all = lab(balancer);
    const recover = all.discovery.fail(statusCode('UNAVAILABLE'), 'the name service is down');
    const client = all.client();
    const { status, details } = await client.which();
    assert.deepEqual([status, details], ['UNAVAILABLE', 'the name service is down']);
    const waiting = client.which({ waitForReady: true });
    await client.which();
    recover();
    assert.equal((await waiting).status, 'OK');
    // gRFC A54: codes that only a server may end a call with are not taken from a name service.
    const mislead = all.discovery.fail(statusCode('NOT_FOUND'), 'no such name');
    const other = await all.client().which();
    assert.equal(other.status, 'INTERNAL');
    assert.match(other.details, /NOT_FOUND no such name/);
    mislead();
  });

  test(`${balancer}: addresses of nobody at the head of the list fail no call`, async () => {
    using all = lab(balancer);
    const client = all.client();
    const before = await client.those(ROUND);
    const thaw = all.discovery.freeze(2);
    assert.deepEqual(await client.those(ROUND), before);
    // Nor of one that starts with such a list: they wait for the first connection.
    const fresh = all.client();
    assert.equal((await fresh.which()).status, 'OK');
    const expected = balancer === 'pick_first' ? ['b0'] : ALL;
    await settled(fresh, expected);
    thaw();
    await settled(fresh, expected);
    await settled(client, before);
  });
}

test('round_robin: whatever lists come, no call is lost, and only new addresses are connected to', async () => {
  using own = await startServers(3);
  using all = lab('round_robin', own);
  const client = all.client();
  await settled(client, ALL);
  assert.deepEqual(own.connections(), { made: 3, open: 3 });
  const streams = ALL.map(() => client.stream());
  const places = await Promise.all(streams.map((stream) => stream.say()));
  const calls: ReturnType<NumberedClient['which']>[] = [];
  let undo = () => {};
  // One goes and one comes each time: b0 b1, b1 b2, b2 b0 …
  for (let list = 0; list < 15; list++) {
    const before = undo;
    undo = all.discovery.name([ALL[list % 3] ?? '', ALL[(list + 1) % 3] ?? '']);
    before();
    calls.push(...Array.from({ length: 4 }, () => client.which()));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ends = await Promise.all(calls);
  assert.deepEqual([...new Set(ends.map(({ status }) => status))], ['OK']);
  assert.deepEqual(await Promise.all(streams.map((stream) => stream.say())), places);
  undo();
  await settled(client, ALL);
  // Each list but the first has one address that the one before had not.
  const { made } = own.connections();
  assert.ok(made <= 3 + 15, `${made} connections`);
  await Promise.all(streams.map((stream) => stream.end()));
  client.close();
  await until('the end of all connections', () => own.connections().open === 0);
});

test('a list that is behind: new ones get no calls until it is over', async () => {
  using all = lab('round_robin');
  const undo = all.discovery.name(['b0', 'b1']);
  const client = all.client();
  await settled(client, ['b0', 'b1']);
  const thaw = all.discovery.freeze(0);
  undo();
  assert.deepEqual(await client.those(ROUND), ['b0', 'b1']);
  thaw();
  await settled(client, ALL);
});

test('slow: one that has a list goes on with it, one that has none waits', async () => {
  using all = lab('round_robin');
  const client = all.client();
  await settled(client, ALL);
  // An hour: only its end can bring what it holds back.
  const hurry = all.discovery.slow(3_600e9);
  const undo = all.discovery.name(['b2']);
  assert.deepEqual(await client.those(ROUND), ALL);
  const fresh = all.client();
  const late = await fresh.which({ deadlineMs: 50 });
  assert.equal(late.status, 'DEADLINE_EXCEEDED');
  assert.match(late.details, /name resolution/);
  const waiting = fresh.which();
  hurry();
  assert.equal((await waiting).by, 'b2');
  assert.deepEqual(await client.those(ROUND), ['b2']);
  undo();
  await settled(client, ALL);
});

test('a lost connection makes a client ask again, and a failure is what it is told', async () => {
  using mortal = await startServers(2);
  using all = lab('round_robin', mortal);
  const client = all.client();
  await settled(client, ['b0', 'b1']);
  all.discovery.fail(statusCode('UNAVAILABLE'), 'down');
  all.discovery.takeCounts();
  mortal.kill('b0');
  await settled(client, ['b1']);
  mortal.kill('b1');
  // It asks when it has no connection left; the answer does not make it forget its addresses.
  let counts = { asked: 0, told: 0 };
  await until('a question', async () => {
    const { status } = await client.which();
    const { asked, told } = all.discovery.takeCounts();
    counts = { asked: counts.asked + asked, told: counts.told + told };
    return status === 'UNAVAILABLE' && counts.asked > 0 && counts.told > 0;
  });
  assert.doesNotMatch((await client.which()).details, /^down$/);
});

test('a client that is closed is told nothing more', async () => {
  using own = await startServers(2);
  using all = lab('round_robin', own);
  const client = all.client();
  await settled(client, ['b0', 'b1']);
  client.close();
  await until('the end of all connections', () => own.connections().open === 0);
  all.discovery.takeCounts();
  all.discovery.name(['b1']);
  assert.deepEqual(all.discovery.takeCounts(), { asked: 0, told: 0 });
});
