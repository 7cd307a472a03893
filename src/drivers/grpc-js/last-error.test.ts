import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonIn } from './last-error.js';

test('the last error of a channel, without what is no use to a reader', () => {
  const told = (error: string) =>
    reasonIn(`No connection established. Last error: ${error}. Resolution note: `);
  assert.equal(
    told('connect ECONNREFUSED 127.0.0.1:1 (2026-11-22T19:41:29.510Z)'),
    'connect ECONNREFUSED 127.0.0.1:1',
  );
  const routine =
    '8A:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required';
  assert.equal(
    told(`${routine}:../record/rec_layer_s3.c:1601:SSL alert number 116\n (2026-11-22T19:41Z)`),
    'tlsv13 alert certificate required',
  );
  assert.equal(reasonIn('No connection established. Last error: closed'), 'closed');
  assert.equal(reasonIn('Deadline exceeded after 0.2s'), undefined);
});
