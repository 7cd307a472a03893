import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleChoice } from './sample-choice.js';

const ORDINALS = Array.from({ length: 100_000 }, (_, ordinal) => ordinal);

test('a share of the calls, the same for a seed, others for another', () => {
  const chosen = (seed: number, share: number) => ORDINALS.filter(sampleChoice(seed, share));
  const one = chosen(7, 0.01);
  // 1,000 are expected, with a standard deviation of 31.5: six of them either way.
  assert.ok(Math.abs(one.length - 1_000) < 190, `${one.length}`);
  assert.deepEqual(chosen(7, 0.01), one);
  const known = new Set(one);
  const both = chosen(8, 0.01).filter((ordinal) => known.has(ordinal));
  assert.ok(both.length < 60, `${both.length} of both seeds; ten are expected`);
  assert.deepEqual(chosen(7, 0), []);
  assert.equal(chosen(7, 1).length, ORDINALS.length);
});
