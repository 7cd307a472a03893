import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepFramed } from './framed.js';

test('a message that is kept is not changed with the octets that brought it', () => {
  const bytes = Buffer.from('..hello..');
  const kept = keepFramed({ bytes, start: 2, end: 7 });
  bytes.fill(0);
  assert.equal(Buffer.from(kept.bytes.subarray(kept.start, kept.end)).toString(), 'hello');
});
