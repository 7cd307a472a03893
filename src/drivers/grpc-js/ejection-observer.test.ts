/** What outlier detection of grpc-js does, as it is told of: with real servers, one of which fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancedClient } from '../../../test/support/balanced-client.js';
import { startServers } from '../../../test/support/numbered-servers.js';
import { until } from '../../../test/support/until.js';
import { watchedServers } from '../../../test/support/watched-servers.js';

const ROUND = 12;
/** Looks every 50 ms, and lets back in soon. */
const outliers = {
  outlier_detection: {
    interval: '50ms',
    base_ejection_time: '600ms',
    max_ejection_percent: 50,
    failure_percentage_ejection: { threshold: 50, minimum_hosts: 3, request_volume: 3 },
    child_policy: ['round_robin'],
  },
};

test('a backend that fails is told of once when it is ejected, and once when it is let back in', async () => {
  using servers = await startServers(4);
  const told: string[] = [];
  using client = balancedClient(servers, outliers, {
    onEjection: (name, { isEjected }) => told.push(`${name} ${isEjected ? 'out' : 'in'}`),
  });
  await until('all are called', async () => (await client.those(ROUND)).length === 4);
  servers.refuse('b2', true);
  await until('b2 is out', async () => {
    await client.those(ROUND);
    return told.length > 0;
  });
  assert.deepEqual(told, ['b2 out']);
  assert.deepEqual(await client.those(ROUND), ['b0', 'b1', 'b3'], 'from that moment on');
  servers.refuse('b2', false);
  await until('b2 is back', async () => {
    await client.those(ROUND);
    return told.length > 1;
  });
  assert.deepEqual(told, ['b2 out', 'b2 in']);
  assert.deepEqual(await client.those(ROUND), ['b0', 'b1', 'b2', 'b3']);
});

test('what health checking takes out is no ejection', async () => {
  using all = await watchedServers(3);
  const told: string[] = [];
  const heard: boolean[] = [];
  using client = balancedClient(
    all.servers,
    { 'health-aware': { child: outliers } },
    {
      onEjection: (name) => told.push(name),
      onHealth: (_name, { isHealthy }) => heard.push(isHealthy),
    },
  );
  await until('all are called', async () => (await client.those(ROUND)).length === 3);
  all.boards['b1']?.override('', 'NOT_SERVING');
  await until('b1 is unhealthy', () => heard.includes(false));
  assert.deepEqual(await client.those(ROUND), ['b0', 'b2']);
  assert.deepEqual(told, []);
});
