/** Garbled replies as protobuf parsers and readers of messages see them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_PREFIX_BYTES, MessageReader } from '../http2/grpc-message.js';
import { garbledReply } from './garbled-reply.js';
import { CHAT_SERVICE, loadProtos, serviceOf } from './protos.js';

const { Say, Listen } = serviceOf(loadProtos(), CHAT_SERVICE);
assert.ok(Say && Listen);
const REPLY = Say.responseSerialize({ delivered: 300 });

/** The one message in what is sent, or what a reader says of it. */
function read(framed: Uint8Array) {
  const reader = new MessageReader(64 * 1024 * 1024);
  const messages: Buffer[] = [];
  reader.read(framed, 0, framed.length, (bytes, start, end) =>
    messages.push(Buffer.from(bytes.subarray(start, end))),
  );
  return { messages, heldBytes: reader.heldBytes };
}

for (const bytes of [64, 127, 300, 20_000, 5 * 1024 * 1024]) {
  test(`padded to ${bytes} octets it is that long, and the message that it was`, () => {
    const { messages, heldBytes } = read(garbledReply({ kind: 'pad', bytes }, REPLY));
    assert.equal(heldBytes, 0);
    assert.deepEqual(
      messages.map(({ length }) => length),
      [bytes],
    );
    assert.deepEqual(Say.responseDeserialize(messages[0] ?? Buffer.alloc(0)), { delivered: 300 });
  });
}

test('a reply that is as large already stays as it is', () => {
  const { messages } = read(garbledReply({ kind: 'pad', bytes: 2 }, REPLY));
  assert.deepEqual(messages, [Buffer.from(REPLY)]);
});

test('octets that are no message are framed as one, and no parser takes them', () => {
  const { messages, heldBytes } = read(garbledReply({ kind: 'no-message' }, REPLY));
  assert.equal(heldBytes, 0);
  const [message = Buffer.alloc(0)] = messages;
  assert.throws(() => Say.responseDeserialize(message));
  assert.throws(() => Listen.responseDeserialize(message));
});

test('a cut reply has all its octets, and its prefix promises more', () => {
  const framed = garbledReply({ kind: 'cut' }, REPLY);
  const { messages, heldBytes } = read(framed);
  assert.deepEqual([messages, heldBytes], [[], framed.length]);
  assert.deepEqual(Buffer.from(framed.subarray(MESSAGE_PREFIX_BYTES)), Buffer.from(REPLY));
});
