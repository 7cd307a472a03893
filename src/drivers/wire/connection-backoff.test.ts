import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../base/rng.js';
import { backoffTimes, ConnectionBackoff } from './connection-backoff.js';

const waits = (backoff: ConnectionBackoff, count: number) =>
  Array.from({ length: count }, () => backoff.nextMs());

test('waits grow by 1.6 from one second to two minutes, and begin again after a success', () => {
  const backoff = new ConnectionBackoff(backoffTimes({ channelOptions: {} }), () => 0.5);
  assert.deepEqual(
    waits(backoff, 13).map((ms) => Math.round(ms)),
    [1000, 1600, 2560, 4096, 6554, 10486, 16777, 26844, 42950, 68719, 109951, 120000, 120000],
  );
  backoff.reset();
  assert.equal(backoff.nextMs(), 1000);
});

test('jitter is a fifth either way, and follows from the seed', () => {
  const extremes = [0, 0.999_999].map((unit) =>
    Math.round(new ConnectionBackoff(backoffTimes({ channelOptions: {} }), () => unit).nextMs()),
  );
  assert.deepEqual(extremes, [800, 1200]);
  const drawn = (seed: number) =>
    waits(
      new ConnectionBackoff(backoffTimes({ channelOptions: {} }), createRng(seed, 'backoff')),
      5,
    );
  assert.deepEqual(drawn(1), drawn(1));
  assert.notDeepEqual(drawn(1), drawn(2));
});

test("gRPC's channel arguments set the first and the longest wait, and the time to connect", () => {
  const channelOptions = {
    'grpc.initial_reconnect_backoff_ms': 10,
    'grpc.max_reconnect_backoff_ms': 20,
    'grpc.min_reconnect_backoff_ms': 30,
  };
  const times = backoffTimes({ channelOptions });
  const spread = { multiplier: 1.6, jitter: 0.2 };
  assert.deepEqual(times, { firstMs: 10, msMax: 20, connectMs: 30, ...spread });
  const backoff = new ConnectionBackoff(times, () => 0.5);
  assert.deepEqual(waits(backoff, 3), [10, 16, 20]);
});

test("multiplier and jitter are the spec's, where it has them", () => {
  const channelOptions = { 'grpc.initial_reconnect_backoff_ms': 10 };
  const connectBackoff = { multiplier: 3, jitter: 0.5 };
  const times = backoffTimes({ channelOptions, connectBackoff });
  assert.deepEqual(waits(new ConnectionBackoff(times, () => 0.5), 3), [10, 30, 90]);
  assert.deepEqual(waits(new ConnectionBackoff(times, () => 0), 3), [5, 15, 45]);
});
