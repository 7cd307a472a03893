import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMinHeap } from './min-heap.js';

test('gives out the least of what is inside, whatever was pushed and popped before', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant('pop' as const)));
  fc.assert(
    fc.property(steps, (sequence) => {
      const heap = createMinHeap<number>((a, b) => a < b);
      const model: number[] = [];
      for (const step of sequence) {
        if (step === 'pop') {
          assert.equal(heap.pop(), model.shift());
        } else {
          heap.push(step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
        assert.equal(heap.peek(), model[0]);
        assert.equal(heap.size, model.length);
      }
    }),
  );
});
