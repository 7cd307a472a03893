/** Attempts at a server that says it is not serving: which are counted, under which name, how late. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMerged } from '../metrics/merged-durations.js';
import { NO_QUEUE } from './service-queue.js';
import { createTargetCounters } from './target-counters.js';
import { createUnhealthyArrivals } from './unhealthy-arrivals.js';

function arrivals() {
  let nowNs = 0;
  const unhealthy = createUnhealthyArrivals(() => nowNs);
  const counters = createTargetCounters(unhealthy);
  /** Times since the change, in ms, by name. */
  const take = () =>
    Object.fromEntries(
      Object.entries(counters.take(NO_QUEUE, {}).unhealthyArrivals ?? {}).map(([name, encoded]) => [
        name,
        readMerged([encoded], (all) => [all.count, Math.round(all.maxNs / 1e6)]),
      ]),
    );
  const at = (ms: number) => {
    nowNs = ms * 1e6;
  };
  return { unhealthy, counters, take, at };
}

test('only what arrives while a name is not serving is counted, from the moment it was told', () => {
  const { unhealthy, counters, take, at } = arrivals();
  counters.received(0);
  assert.deepEqual(take(), {});
  at(100);
  unhealthy.changed([''], 'NOT_SERVING');
  at(130);
  counters.received(0);
  at(150);
  counters.received(1);
  // UNKNOWN in its place changes nothing: it is still not serving, and since then.
  unhealthy.changed([''], 'UNKNOWN');
  at(180);
  counters.received(0);
  assert.deepEqual(take(), { '': [3, 80] });
  at(200);
  counters.received(0);
  unhealthy.changed([''], 'SERVING');
  counters.received(0);
  assert.deepEqual(take(), { '': [1, 100] });
  assert.equal(unhealthy.isAny, false);
});

test('names are counted apart, methods not at all, and two stretches in one interval add up', () => {
  const { unhealthy, counters, take, at } = arrivals();
  const service = 'chat.ChatService';
  for (const from of [0, 50]) {
    at(from);
    unhealthy.changed([service, `${service}/Say`], 'NOT_SERVING');
    at(from + 10);
    counters.received(0);
    unhealthy.changed([service, `${service}/Say`], 'SERVING');
  }
  assert.deepEqual(take(), { [service]: [2, 10] });
  unhealthy.changed([`${service}/Say`], 'NOT_SERVING');
  assert.equal(unhealthy.isAny, false);
});
