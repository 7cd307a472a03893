import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OctetText } from './octet-text.js';

const whole = fc.oneof(
  ...[9, 1e5, 2 ** 31, Number.MAX_SAFE_INTEGER].map((max) => fc.integer({ min: 0, max })),
  fc.nat(15).map((digits) => 10 ** digits),
  fc.nat(15).map((digits) => 10 ** digits - 1),
);

test('numbers and characters read as their strings do, however often it is used', () => {
  const text = new OctetText(33);
  fc.assert(
    fc.property(whole, whole, (a, b) => {
      text.clear();
      text.addNumber(a);
      text.addCharacter(0x2e);
      text.addNumber(b);
      assert.equal(text.toString(), `${a}.${b}`);
      assert.equal(text.length, `${a}.${b}`.length);
    }),
    { numRuns: 1_000 },
  );
});
