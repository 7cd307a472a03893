/** A body and the `content-length` that announced it must agree (RFC 9113 §8.1.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame } from '../../test/support/http2-frames.js';
import {
  createRawClient,
  createRawServer,
  REQUEST_BLOCK,
  RESPONSE_BLOCK,
  TRAILERS_BLOCK,
} from '../../test/support/http2-raw-peer.js';

/** `content-length` with a value, beside the table. */
const lengthField = (value: string) =>
  `0f0d${value.length.toString(16).padStart(2, '0')}${Buffer.from(value).toString('hex')}`;
const THREE = lengthField('3');
const RESET = ['RST_STREAM 1 code=1'];
const END = 1;
const HEADERS = 1;

const data = (digits: string, flags = 0) => frame(0, flags, 1, digits);
/** Trailers, the end of the stream. */
const trailers = frame(HEADERS, 5, 1, TRAILERS_BLOCK);

/** What follows the headers that announce three octets, and what the other end says to it. */
const CASES: readonly (readonly [string, readonly Buffer[], readonly string[]])[] = [
  ['just so many', [data('010203', END)], []],
  ['in two frames and trailers', [data('01'), data('0203'), trailers], []],
  ['one too few', [data('0102', END)], RESET],
  ['one too few, and trailers', [data('0102'), trailers], RESET],
  ['one too many', [data('01020304', END)], RESET],
  ['too many before the end', [data('01020304')], RESET],
  ['with padding, which does not count', [frame(0, 9, 1, '020102030000')], []],
];

for (const [name, frames, answer] of CASES) {
  test(`a request's body: ${name}`, () => {
    const server = createRawClient();
    const block = frame(HEADERS, 4, 1, REQUEST_BLOCK + THREE);
    assert.deepEqual(server.send(block, ...frames), answer);
  });

  test(`a response's body: ${name}`, () => {
    const client = createRawServer(1);
    const block = frame(HEADERS, 4, 1, RESPONSE_BLOCK + THREE);
    assert.deepEqual(client.send(block, ...frames), answer);
  });
}

test('headers alone keep their word as well', () => {
  const alone = (length: string) =>
    createRawClient().send(frame(HEADERS, 5, 1, REQUEST_BLOCK + lengthField(length)));
  assert.deepEqual(alone('0'), []);
  assert.deepEqual(alone('3'), RESET);
});

test('a length that is no number, or two that differ, is malformed; the same twice is not', () => {
  const blocks = ['-1', '3a', '9999999999999999'].map(lengthField);
  for (const block of [...blocks, THREE + lengthField('4')]) {
    const server = createRawClient();
    assert.deepEqual(server.send(frame(HEADERS, 4, 1, REQUEST_BLOCK + block)), RESET, block);
  }
  const server = createRawClient();
  const block = frame(HEADERS, 4, 1, REQUEST_BLOCK + THREE + THREE);
  assert.deepEqual(server.send(block, data('010203', END)), []);
});

test('304 may announce what it does not send, and the next stream has no length of its own', () => {
  const client = createRawServer(2);
  const notModified = frame(HEADERS, 5, 1, `8b${THREE}`);
  assert.deepEqual(client.send(notModified), []);
  const free = frame(HEADERS, 4, 3, RESPONSE_BLOCK);
  assert.deepEqual(client.send(free, frame(0, END, 3, '0102030405')), []);
});
