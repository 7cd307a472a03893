import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { entryOf } from '../base/catalogue.js';
import { createRng } from '../base/rng.js';
import type { ArrivalKind } from './arrival.js';
import { arrivals } from './index.js';
import { type DueCall, scheduleOf, shardOf } from './shard.js';

const openKinds = Object.values<ArrivalKind>(arrivals).filter((kind) => kind.loop === 'open');

test('every entry stands under its own kind', () => {
  for (const [key, entry] of Object.entries<ArrivalKind>(arrivals)) assert.equal(entry.kind, key);
});

test('constant arrivals are evenly spaced for ever, without drift', () => {
  const next = arrivals.constant.dueTimes(3, createRng(1, 'x'));
  const due = Array.from({ length: 3001 }, next);
  assert.equal(due[0], 0);
  // The 3,000th gap ends after exactly 1,000 s; rounding each gap of 1/3 s would be off by µs.
  assert.equal(due[3000], 1000e9);
});

test('poisson arrivals have exponential gaps: mean and standard deviation both 1/rate', () => {
  const next = arrivals.poisson.dueTimes(1000, createRng(5, 'x'));
  const due = Array.from({ length: 50_000 }, next);
  const gaps = due.map((ns, i) => ns - (due[i - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const sd = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  // Standard error of the mean 1/√50000 = 0.45 %; of the deviation √(2/50000)·… below 0.7 %. Four of each.
  assert.ok(Math.abs(mean / 1e6 - 1) < 0.018, String(mean));
  assert.ok(Math.abs(sd / 1e6 - 1) < 0.028, String(sd));
});

for (const kind of openKinds) {
  test(`${kind.kind}: due times never go back and follow from the seed`, () => {
    const options = kind.schema.parse('500/s');
    const first = kind.dueTimes(options, createRng(7, 'x'));
    const again = kind.dueTimes(options, createRng(7, 'x'));
    let before = 0;
    for (let i = 0; i < 1000; i++) {
      const dueNs = first();
      assert.equal(again(), dueNs);
      assert.ok(dueNs >= before);
      before = dueNs;
    }
  });

  test(`${kind.kind}: any number of workers offers the same calls`, () => {
    const all = shardsOf(kind, 1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (workers) => {
        const dealt = shardsOf(kind, workers).toSorted((a, b) => a.ordinal - b.ordinal);
        assert.deepEqual(dealt, all);
      }),
    );
  });
}

function shardsOf(kind: ArrivalKind, workers: number): DueCall[] {
  assert.ok(kind.loop === 'open');
  const options = kind.schema.parse('500/s');
  return Array.from({ length: workers }, (_, worker) => [
    ...shardOf(scheduleOf(kind, options, 7, 'say'), worker, workers, 1e9),
  ]).flat();
}

test('a closed loop keeps as many calls open as it is told', () => {
  const kind = entryOf<ArrivalKind>(arrivals, 'closed');
  assert.ok(kind.loop === 'closed');
  assert.equal(kind.inFlight(kind.schema.parse(32)), 32);
  assert.equal(kind.schema.safeParse(0).success, false);
});
