import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { framedMessage } from '../http2/grpc-message.js';
import { MessageCursor } from './message-cursor.js';

test('in whatever pieces octets come, messages end where they end', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 12 });
  const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
  fc.assert(
    fc.property(sizes, cuts, (lengths, pieces) => {
      const octets = Buffer.concat(lengths.map((length) => framedMessage(new Uint8Array(length))));
      const cursor = new MessageCursor();
      const ends: number[] = [];
      for (let at = 0, nth = 0; at < octets.length; nth++) {
        const pieceEnd = Math.min(at + (pieces[nth % pieces.length] ?? 1), octets.length);
        while (at < pieceEnd) {
          at = cursor.advance(octets, at, pieceEnd);
          if (!cursor.isBetween) continue;
          ends.push(at);
          assert.equal(cursor.number, ends.length);
          assert.equal(cursor.length, lengths[ends.length - 1]);
        }
      }
      let sum = 0;
      assert.deepEqual(
        ends,
        lengths.map((length) => (sum += length + 5)),
      );
    }),
  );
});
