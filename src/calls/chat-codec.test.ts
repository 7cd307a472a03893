/** What is written and read by hand is held against the generated code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeChatMessage, encodeChatMessage, StampedMessage, timestampOf } from './chat-codec.js';

const timestamps = fc.maxSafeNat();

test('a stamped message is the message that the generated code reads', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string({ maxLength: 300 }),
      timestamps,
      (user, content, timestamp) => {
        const bytes = new StampedMessage(user, content).stamp(timestamp);
        // The generated code leaves out what is empty; zero is written and read as zero.
        const {
          user: readUser = '',
          content: readContent = '',
          timestamp: read,
        } = decodeChatMessage(bytes);
        assert.deepEqual([readUser, readContent, read], [user, content, timestamp]);
      },
    ),
  );
});

test('stamping again changes nothing but the time', () => {
  const message = new StampedMessage('ann', 'hello');
  message.stamp(Number.MAX_SAFE_INTEGER);
  const { user, content, timestamp } = decodeChatMessage(message.stamp(7));
  assert.deepEqual([user, content, timestamp], ['ann', 'hello', 7]);
});

test('the time is read from wherever a message stands', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20), timestamps, (user, before, timestamp) => {
      const message = encodeChatMessage({ user, content: 'x', timestamp });
      const bytes = Buffer.concat([Buffer.alloc(before, 0xff), message, Buffer.alloc(3, 0xff)]);
      assert.equal(timestampOf(bytes, before, before + message.length), timestamp);
    }),
  );
});

test('octets that are no message have no time, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const time = timestampOf(bytes, 0, bytes.length);
      assert.ok(time === undefined || time >= 0);
    }),
  );
  const cut = encodeChatMessage({ user: 'ann', content: 'hello', timestamp: 1e15 }).subarray(0, -1);
  assert.equal(timestampOf(cut, 0, cut.length), undefined);
  assert.equal(timestampOf(Buffer.from([0x0a, 5, 1]), 0, 3), undefined, 'a string beyond the end');
});
