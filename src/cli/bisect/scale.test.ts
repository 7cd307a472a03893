/** Quantities in, and what is written into a scenario for values between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../base/errors.js';
import { scaleBetween } from './scale.js';

test('quantities of one kind, whatever their units, and how values between are written', () => {
  const table: [from: string, to: string, value: number, written: string][] = [
    ['200ms', '4s', 1.25e9, '1250ms'],
    ['1us', '2ms', 1_500, '0.0015ms'],
    ['20/s', '6000/min', 55.5, '55.5/s'],
    ['16KiB', '1MB', 65_536, '65536B'],
    ['1KiB/s', '1MB/s', 2_000.4, '2000B/s'],
    ['1%', '50%', 0.123, '12.3%'],
    ['2', '64', 17, '17'],
    ['0.5', '2', 0.75, '0.75'],
  ];
  for (const [from, to, value, written] of table) {
    assert.equal(scaleBetween(from, to).write(value), written, `${from} to ${to}`);
  }
  const { from, to, show } = scaleBetween('4s', '200ms');
  assert.deepEqual([from, to, show(1.25e9)], [4e9, 200e6, '1.25 s']);
  assert.deepEqual(
    [scaleBetween('2', '64').isWhole, scaleBetween('2', '6.5').isWhole],
    [true, false],
  );
});

test('two kinds, or nothing in between, are refused', () => {
  const refused = (from: string, to: string, message: RegExp) =>
    assert.throws(
      () => scaleBetween(from, to),
      (error) => error instanceof UserError && message.test(error.message),
    );
  refused('200ms', '4', /two quantities of one kind, got "200ms" and "4"/);
  refused('fast', 'slow', /two quantities of one kind/);
  refused('1s', '1000ms', /nothing between 1s and 1000ms/);
});
