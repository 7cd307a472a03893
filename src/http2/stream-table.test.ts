import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StreamTable } from './stream-table.js';

test('behaves as a map, with slots that are nobody else’s', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('open' as const) },
    { weight: 2, arbitrary: fc.nat(400) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: 'max' }), (steps) => {
      const table = new StreamTable();
      const model = new Map<number, number>();
      let nextId = 1;
      for (const what of steps) {
        if (what === 'open') {
          const slot = table.add(nextId, 3, nextId, -nextId);
          assert.ok(![...model.values()].includes(slot));
          model.set(nextId, slot);
          nextId += 2;
        } else {
          const entry = [...model][what % Math.max(model.size, 1)];
          if (entry === undefined) continue;
          table.remove(entry[1]);
          model.delete(entry[0]);
          assert.equal(table.find(entry[0]), -1);
          assert.equal(table.find(0), -1, 'what is free is no stream');
        }
      }
      assert.equal(table.count, model.size);
      for (const [id, slot] of model) {
        assert.equal(table.find(id), slot);
        assert.deepEqual([table.sendWindow[slot], table.receiveWindow[slot]], [id, -id]);
      }
      const seen: number[] = [];
      table.forEach((_, id) => {
        seen.push(id);
      });
      assert.deepEqual(
        seen.sort((a, b) => a - b),
        [...model.keys()],
      );
    }),
    { numRuns: 300 },
  );
});

test('long-lived streams do not disturb millions that pass by', () => {
  const table = new StreamTable();
  const old = Array.from({ length: 50 }, (_, i) => i * 2 + 1);
  for (const id of old) table.add(id, 3, 0, 0);
  for (let id = 101; id < 400_001; id += 2) {
    const slot = table.add(id, 3, 0, 0);
    assert.ok(table.find(id) === slot);
    table.remove(slot);
  }
  assert.equal(table.capacity, 64, 'slots are used again');
  for (const id of old) assert.ok(table.find(id) >= 0);
});

test('many open streams cost no more when they end than few do', () => {
  const table = new StreamTable();
  const count = 200_000;
  for (let i = 0; i < count; i++) table.add(i * 2 + 1, 3, 0, 0);
  const startMs = performance.now();
  for (let i = 0; i < count; i++) table.remove(table.find(i * 2 + 1));
  // A run of neighbours would be walked through each time: minutes, not milliseconds.
  assert.ok(performance.now() - startMs < 2_000);
  assert.equal(table.count, 0);
});
