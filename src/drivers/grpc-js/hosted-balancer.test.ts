/** Our balancers in the real client, on real servers: who is picked, and what is counted for it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { balancedClient } from '../../../test/support/balanced-client.js';
import {
  type NumberedClient,
  type NumberedServers,
  startServers,
} from '../../../test/support/numbered-servers.js';
import { until } from '../../../test/support/until.js';
import { callAt, monotonicNowNs } from '../../base/clock.js';
import { Discovery } from '../discovery.js';
import { discoveryTarget } from './discovery-resolver.js';

const ALL = ['b0', 'b1', 'b2'];
/** Enough that one of three that is as likely as the others is left out once in a hundred thousand. */
const ROUND = 30;

let servers: NumberedServers;
before(async () => {
  servers = await startServers(3);
});
after(() => servers[Symbol.dispose]());

const settled = (client: NumberedClient, names: readonly string[]) =>
  until(names.join(), async () => (await client.those(ROUND)).join() === names.join());

test('random comes to all, and stays with those that are left', async () => {
  using own = await startServers(3);
  using client = balancedClient(own, 'random');
  await settled(client, ALL);
  own.kill('b1');
  await settled(client, ['b0', 'b2']);
});

test('attempts that are open count: p2c sends nothing to the one that has more than all others', async () => {
  using client = balancedClient(servers, 'p2c');
  await settled(client, ALL);
  const streams = Array.from({ length: 9 }, () => client.stream());
  const places = await Promise.all(streams.map((stream) => stream.say()));
  // Opened in one turn: had none seen the others, chance would have spread them.
  const counts = ALL.map((name) => places.filter((place) => place === name).length);
  assert.deepEqual(counts, [3, 3, 3]);

  // The one with a stream more is never the less busy of two.
  const [extra] = await Promise.all([client.stream()].map((stream) => stream.say()));
  const others = ALL.filter((name) => name !== extra);
  assert.deepEqual(await client.those(ROUND), others);
});

test('ends are counted too: afterwards it is as before', async () => {
  using client = balancedClient(servers, { least_request: { choiceCount: 10 } });
  await settled(client, ALL);
  const stream = client.stream();
  const busy = await stream.say();
  // All ten draws would have to be the busy one; the seed is fixed.
  assert.ok(!(await client.those(5)).includes(busy));
  assert.equal(await stream.end(), 'OK');
  await settled(client, ALL);
});

test('zone-aware: its own zone, the others when that is gone, and back', async () => {
  using own = await startServers(3);
  const zones = { b0: 'near', b1: 'far', b2: 'far' };
  using client = balancedClient(own, { 'zone-aware': { zone: 'near' } }, { zones });
  await settled(client, ['b0']);
  own.kill('b0');
  await settled(client, ['b1', 'b2']);
});

test('what name resolution says is followed; streams and connections stay', async () => {
  const { backends } = servers;
  using discovery = new Discovery({
    backends,
    after: (ns, fire) => callAt(monotonicNowNs() + ns, fire),
    onSaid: () => {},
  });
  using name = discoveryTarget(
    discovery,
    backends.map(({ address }) => address),
  );
  using client = balancedClient(servers, 'random', { target: name.target });
  await settled(client, ALL);
  const { made } = servers.connections();
  const stream = client.stream();
  const before = await stream.say();
  const undo = discovery.name(['b1', 'b2']);
  assert.ok(!(await client.those(ROUND)).includes('b0'), 'from the next call on');
  assert.equal(await stream.say(), before);
  undo();
  await settled(client, ALL);
  assert.equal(await stream.end(), 'OK');
  assert.ok(servers.connections().made <= made + 1, 'only what had gone comes again');

  const nobody = discovery.name([]);
  const { status, details } = await client.which();
  assert.equal(status, 'UNAVAILABLE');
  assert.match(details, /random: No addresses resolved/);
  nobody();
  await settled(client, ALL);
});

test('nobody there: calls fail with the reason', async () => {
  using none = await startServers(1);
  none.kill('b0');
  using client = balancedClient(none, 'peak_ewma');
  const { status, details } = await client.which({ deadlineMs: 5_000 });
  assert.equal(status, 'UNAVAILABLE');
  assert.match(details, /peak_ewma: No connection established.*ECONNREFUSED/);
});
