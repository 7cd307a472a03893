import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HeaderField, headerField, headerFields } from '../http2/header-field.js';
import type { WireMethod } from './wire-method.js';
import { callIdOf, RequestReader, timeoutNsOf } from './wire-request.js';

const SAY: WireMethod = {
  path: '/chat.ChatService/Say',
  isHosted: true,
  responseStream: false,
  requestStream: false,
  serve() {},
};

const INDEXED = headerFields([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', SAY.path],
  ['content-type', 'application/grpc'],
]);

function reader(): RequestReader {
  return new RequestReader(new Map([[SAY.path, SAY]]));
}

/** A block whose first fields are the decoder's own objects, and the others are new ones. */
function block(...more: readonly (readonly [string, string])[]): readonly HeaderField[] {
  return [...INDEXED, ...headerFields(more)];
}

test('of blocks that differ in what varies only the first is read', () => {
  const requests = reader();
  const first = block(['squall-call', '1.10'], ['grpc-timeout', '5S']);
  const second = block(['squall-call', '2.20'], ['grpc-timeout', '250m']);
  const request = requests.read(first);
  assert.equal(requests.read(second), request);
  assert.equal(request.method, SAY);
  assert.deepEqual([callIdOf(request, first), callIdOf(request, second)], ['1.10', '2.20']);
  assert.deepEqual([timeoutNsOf(request, first), timeoutNsOf(request, second)], [5e9, 250e6]);
});

test('any other difference is seen, by name and by value', () => {
  const requests = reader();
  const plain = requests.read(block(['squall-call', '1.10'], ['room', 'a']));
  assert.deepEqual([plain.room, plain.previousAttempts, plain.refusal], ['a', 0, 0]);
  assert.equal(requests.read(block(['squall-call', '2.20'], ['room', 'b'])).room, 'b');
  const retried = block(['squall-call', '1.10'], ['grpc-previous-rpc-attempts', '2']);
  assert.equal(requests.read(retried).previousAttempts, 2);
  const foreign = block(['x', '1.10'], ['grpc-previous-rpc-attempts', '2']);
  assert.equal(callIdOf(requests.read(foreign), foreign), undefined);
  const elsewhere = [...INDEXED.slice(0, 2), headerField(':path', '/else'), ...INDEXED.slice(3)];
  assert.equal(requests.read(elsewhere).method, undefined);
});

test('what is missing has its default, and what is wrong is told', () => {
  const requests = reader();
  const bare = block();
  const request = requests.read(bare);
  assert.equal(request.room, 'lobby');
  assert.equal(timeoutNsOf(request, bare), Number.POSITIVE_INFINITY);
  const wrong = block(['grpc-timeout', 'soon']);
  assert.equal(timeoutNsOf(requests.read(wrong), wrong), undefined);
  const get = [headerField(':method', 'GET'), ...INDEXED.slice(1)];
  assert.equal(requests.read(get).refusal, 405);
  for (const [type, refusal] of [
    ['application/grpc+proto', 0],
    ['application/grpc; x=y', 0],
    ['application/grpc-web', 415],
    ['text/html', 415],
  ] as const) {
    const other = [...INDEXED.slice(0, 3), headerField('content-type', type)];
    assert.equal(requests.read(other).refusal, refusal, type);
  }
});
