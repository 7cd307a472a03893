import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicNowNs } from '../base/clock.js';
import type { WorkerEvent } from './client-discovery.js';
import { ClientHealth } from './client-health.js';
import { EarlyEvents } from './early-events.js';
import { createPlaces } from './places.js';

const news = (isHealthy: boolean, why: string, isWatched = true) => ({ isHealthy, isWatched, why });

test('each change is told once, whichever connections hear of it, with the backend by name', () => {
  const addresses = ['127.0.0.1:1', 'unix:/tmp/b1'];
  const { nameOf } = createPlaces({ addresses, places: [{ name: 'b0' }, { name: 'b1' }] });
  const early = new EarlyEvents();
  const health = new ClientHealth(early, 3, nameOf);
  const events: WorkerEvent[] = [];
  health.onHealth('127.0.0.1:1', news(true, 'it says SERVING'));
  health.onHealth('/tmp/b1', news(true, 'it has no health service', false));
  early.begin(monotonicNowNs(), (event) => events.push(event));
  assert.equal(events.length, 1, 'that all is well needs no telling');
  assert.ok((events[0]?.atNs ?? 0) <= 0, 'heard before the load clock began');
  for (let connection = 0; connection < 2; connection++) {
    health.onHealth('127.0.0.1:1', news(false, 'it says NOT_SERVING'));
  }
  for (let connection = 0; connection < 2; connection++) {
    health.onHealth('127.0.0.1:1', news(true, 'it says SERVING'));
  }
  assert.deepEqual(
    events.map(({ kind, subject, detail }) => [kind, subject, detail]),
    [
      [
        'client.health',
        'b1',
        'worker 3 takes for healthy b1: it has no health service, so health-aware can do nothing there',
      ],
      ['client.health', 'b0', 'worker 3 sends nothing new to b0: it says NOT_SERVING'],
      ['client.health', 'b0', 'worker 3 sends to b0: it says SERVING'],
    ],
  );
});

test('zones are found by the address that the client knows', () => {
  const addresses = ['127.0.0.1:1', '127.0.0.1:2'];
  const { zones, nameOf } = createPlaces({ addresses, places: [{ name: 'b0', zone: 'a' }] });
  assert.deepEqual([...zones], [['127.0.0.1:1', 'a']]);
  assert.equal(nameOf('127.0.0.1:2'), '127.0.0.1:2');
});
