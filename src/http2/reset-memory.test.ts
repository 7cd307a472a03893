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
