/** Tiers as processes: who calls whom finds it, trusts it, and finds it again when it comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet } from '../../test/support/fleet.js';
import { nextOf } from '../../test/support/tiers.js';
import { until } from '../../test/support/until.js';

const OK = 0;

test('a tier that asks who calls, on a unix socket: found, and found again after its restart', async () => {
  const restart = faultWindow('proc-restart', {}, { backends: ['back-0'] });
  const tls = { clients: 'required' } as const;
  const options = { 'grpc.initial_reconnect_backoff_ms': 20 };
  await using fleet = await startTestFleet({
    specs: [{ name: 'b0', port: 0, server: 'wire', next: nextOf({ options }) }],
    tiers: [{ name: 'back', backends: [{ name: 'back-0', port: 0, tls, socket: 'unix' }] }],
    faults: [restart],
  });
  assert.deepEqual(
    fleet.backends.map(({ name }) => name),
    ['b0'],
    'the tiers behind are not for clients',
  );
  const [front, back] = [fleet.backends[0]?.pid, fleet.behind[0]?.pid];
  assert.match(fleet.behind[0]?.address ?? '', /^unix:/);
  using client = createChatClient(fleet.address);
  assert.equal((await client.say('hi')).code, OK);

  beginNow(fleet);
  await until('the restart', () => fleet.events('process.started').length === 1);
  assert.notEqual(fleet.behind[0]?.pid, back);
  await until('a call that gets there', async () => (await client.say('hi')).code === OK);
  assert.equal(fleet.backends[0]?.pid, front);
  await fleet.stop();
  assert.equal(fleet.totals('back-0').answeredByCode.OK, 2, 'one in each of its lives');
  assert.deepEqual(fleet.lost, []);
});
