import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResetMemory } from './reset-memory.js';

test('remembers what was reset, and forgives what it may have forgotten', () => {
  const memory = new ResetMemory();
  memory.add(5);
  assert.deepEqual(
    [3, 5, 7].map((id) => memory.mayHave(id)),
    [false, true, false],
  );
  for (let id = 7; id < 7 + 2 * 16_384; id += 2) memory.add(id);
  assert.deepEqual(
    [3, 5, 7, 40_001].map((id) => memory.mayHave(id)),
    [true, true, true, false],
    '5 was forgotten, and with it all that is older',
  );
});

test('the last 8,192 are known one by one, and no more than twice as many are held', () => {
  const memory = new ResetMemory();
  for (let id = 1; id <= 200_001; id += 4) {
    memory.add(id);
    assert.ok(memory.size <= 16_384);
  }
  const recent = Array.from({ length: 8_192 }, (_, back) => 200_001 - back * 4);
  assert.ok(recent.every((id) => memory.mayHave(id)));
  assert.ok(recent.every((id) => !memory.mayHave(id + 2)));
});

test('a reset costs the same however many there were', () => {
  const msFor = (memory: ResetMemory, from: number) => {
    const startMs = performance.now();
    for (let id = from; id < from + 200_000; id += 2) memory.add(id);
    return performance.now() - startMs;
  };
  const memory = new ResetMemory();
  msFor(memory, 1);
  const first = msFor(memory, 1_000_001);
  for (let from = 2_000_001; from < 6_000_001; from += 200_000) msFor(memory, from);
  // A single set takes hundreds of times as long.
  assert.ok(msFor(memory, 6_000_001) < 20 * first + 20);
});
