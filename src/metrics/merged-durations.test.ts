/** Sums of encoded histograms: the same however many are added, and in whatever order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationsOf } from '../../test/support/record-lines.js';
import { mergedDurations, readMerged } from './merged-durations.js';

test('nothing added is nothing measured', () => {
  const sum = mergedDurations();
  sum.add(undefined);
  assert.equal(sum.encoded(), undefined);
  assert.equal(sum.summarise(), undefined);
});

test('any order, and more than are kept pending, give the same sum', () => {
  const values = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, (all) => {
      const forth = mergedDurations();
      const back = mergedDurations();
      for (const ms of all) forth.add(durationsOf([ms, 1]));
      for (const ms of [...all].reverse()) back.add(durationsOf([ms, 1]));
      const whole = durationsOf(...all.map((ms) => [ms, 1] as const));
      const expected = readMerged([whole], (sum) => sum.summarise());
      assert.deepEqual(forth.summarise(), expected);
      assert.deepEqual(back.summarise(), expected);
      assert.deepEqual(
        readMerged([forth.encoded()], (sum) => sum.summarise()),
        expected,
      );
    }),
    { numRuns: 30 },
  );
});
