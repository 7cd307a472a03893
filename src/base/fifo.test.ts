import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFifo } from './fifo.js';

test('items come out in the order in which they went in, past every cut of its array', () => {
  const line = createFifo<number>();
  let pushed = 0;
  let shifted = 0;
  // Three in, two out, so that it grows to 5,000 while its front moves past several cuts.
  for (let round = 0; round < 5_000; round++) {
    for (let i = 0; i < 3; i++) line.push(pushed++);
    assert.equal(line.first, shifted);
    for (let i = 0; i < 2; i++) assert.equal(line.shift(), shifted++);
    assert.equal(line.size, pushed - shifted);
  }
  while (line.size > 0) assert.equal(line.shift(), shifted++);
  assert.equal(shifted, pushed);
  assert.deepEqual([line.first, line.shift()], [undefined, undefined]);
  assert.equal(line.size, 0);
});
