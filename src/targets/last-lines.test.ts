import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { keepLastLines } from './last-lines.js';

test('keeps the last lines, however they were cut into pieces', async () => {
  const stream = new PassThrough();
  const lines = keepLastLines(stream, 3);
  assert.deepEqual(lines(), []);
  for (const piece of ['one\ntw', 'o\n\nthree\nfo', 'ur\nfive']) stream.write(piece);
  await new Promise(setImmediate);
  assert.deepEqual(lines(), ['three', 'four', 'five']);
});
