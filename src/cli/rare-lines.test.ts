/** A flood of lines is a line a second, and nothing of a peer's moves a cursor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRareLines } from './rare-lines.js';

test('each text at once, then once a second with how often it came', () => {
  const said: string[] = [];
  let nowNs = 0;
  const rarely = createRareLines(
    (line) => said.push(line),
    () => nowNs,
  );
  for (let port = 1; port <= 50; port++) rarely(`10.0.0.1:${port} did not get through TLS`);
  rarely('another');
  assert.deepEqual(said.splice(0), ['10.0.0.1:1 did not get through TLS', 'another']);
  nowNs = 999e6;
  rarely('another');
  assert.deepEqual(said.splice(0), []);
  nowNs = 1e9;
  rarely('10.0.0.1:7 did not get through TLS');
  rarely('another');
  assert.deepEqual(said.splice(0), [
    '10.0.0.1:7 did not get through TLS (and 49 times since)',
    'another (and 1 times since)',
  ]);
  rarely('\u001b[2Jcleared\u0007');
  assert.deepEqual(said, ['?[2Jcleared?']);
});
