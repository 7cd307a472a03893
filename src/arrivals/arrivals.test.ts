import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import { entryOf } from '../base/catalogue.js';
import { readingFiles } from '../base/named-file.js';
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

test('a ramp is under its line at every moment: N(t) = from·t + (to − from)·t²/(2·over)', () => {
  // 100/s to 500/s over 10 s: 3,000 calls, the 1,000th when 100t + 20t² = 1000, at t = 5 s.
  const next = arrivals.ramp.dueTimes({ from: 100, to: 500, over: 10e9 }, createRng(1, 'x'));
  const due = Array.from({ length: 3501 }, next);
  assert.ok(Math.abs((due[1000] ?? 0) - 5e9) < 1);
  assert.ok(Math.abs((due[3000] ?? 0) - 10e9) < 1);
  // From then on 500/s: the 3,500th one second later.
  assert.ok(Math.abs((due[3500] ?? 0) - 11e9) < 1);
});

test('a ramp may fall, or be flat', () => {
  const falling = arrivals.ramp.dueTimes({ from: 300, to: 100, over: 2e9 }, createRng(1, 'x'));
  const due = Array.from({ length: 501 }, falling);
  // (300 + 100)/2 × 2 s = 400 calls, then 100/s.
  assert.ok(Math.abs((due[400] ?? 0) - 2e9) < 1 && Math.abs((due[500] ?? 0) - 3e9) < 1);
  const flat = arrivals.ramp.dueTimes({ from: 100, to: 100, over: 2e9 }, createRng(1, 'x'));
  assert.ok(Math.abs((Array.from({ length: 101 }, flat)[100] ?? 0) - 1e9) < 1);
});

test('steps follow each other, and the last one stays', () => {
  const steps = [
    { rate: 10, for: 1e9 },
    { rate: 100, for: 2e9 },
    { rate: 1, for: 1e9 },
  ];
  const next = arrivals.step.dueTimes(steps, createRng(1, 'x'));
  const due = Array.from({ length: 215 }, next);
  // 10 calls in the first second, 200 in the next two, then one a second.
  assert.deepEqual([due[0], due[9], due[10], due[209]], [0, 0.9e9, 1e9, 2.99e9]);
  assert.deepEqual(due.slice(210), [3e9, 4e9, 5e9, 6e9, 7e9]);
});

test('a burst is due all at once', () => {
  const next = arrivals.burst.dueTimes({ size: 3, every: 2e9 }, createRng(1, 'x'));
  assert.deepEqual(Array.from({ length: 7 }, next), [0, 0, 0, 2e9, 2e9, 2e9, 4e9]);
});

/** Options for each kind, as a scenario writes them. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  constant: '500/s',
  poisson: '500/s',
  ramp: { from: '100/s', to: '900/s', over: '2s' },
  step: [
    { rate: '100/s', for: '300ms' },
    { rate: '900/s', for: '1s' },
  ],
  burst: { size: 50, every: '100ms' },
  replay: { file: 'times.txt', speed: 3, repeat: '90ms' },
};

/** A recording, for kinds that read one: two at once, lulls, and a last one at 80 ms. */
const RECORDING = '# seconds\n0.001\n0.001\n\n0.004 # a lull\n30ms\n0.0300001\n0.08\n';

function parsed<Options>(kind: { readonly schema: z.ZodType<Options>; readonly kind: string }) {
  const read = (path: string) => ({ path, text: RECORDING });
  return readingFiles(read, () => kind.schema.parse(EXAMPLES[kind.kind]));
}

for (const kind of openKinds) {
  test(`${kind.kind}: due times never go back and follow from the seed`, () => {
    const options = parsed(kind);
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
  const options = parsed(kind);
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
