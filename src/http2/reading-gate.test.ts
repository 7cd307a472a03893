import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { framedMessage, MESSAGE_PREFIX_BYTES, MessageReader } from './grpc-message.js';
import { ReadingGate } from './reading-gate.js';

/** A stream of messages through a gate, as its owners put one together. */
function gated(onHeard: (gate: ReadingGate, size: number) => void = () => {}) {
  const heard: number[] = [];
  const octets = { arrived: 0, consumed: 0 };
  const gate = new ReadingGate(
    (_bytes, start, end) => {
      heard.push(end - start);
      onHeard(gate, end - start);
    },
    (count) => {
      assert.ok(count > 0, 'nothing is given back in vain');
      octets.consumed += count;
      assert.ok(octets.consumed <= octets.arrived, 'never more than came');
    },
    MESSAGE_PREFIX_BYTES,
  );
  const reader = new MessageReader();
  const piece = (bytes: Uint8Array) => {
    octets.arrived += bytes.length;
    gate.arrived(bytes.length);
    reader.read(bytes, 0, bytes.length, (all, start, end, isCompressed) =>
      gate.take(all, start, end, isCompressed),
    );
    gate.settle();
  };
  return { gate, heard, octets, piece };
}

const message = (size: number) => framedMessage(new Uint8Array(size));

test('while it is paused only what was handed on is given back, and of the rest nothing', () => {
  const { gate, heard, octets, piece } = gated((self) => self.pause());
  // One is heard and pauses; one is kept whole, of one there is but the beginning.
  piece(Buffer.concat([message(1), message(2), message(90).subarray(0, 50)]));
  assert.deepEqual([heard, octets.consumed, gate.waits], [[1], 6, true]);
  gate.resume();
  assert.deepEqual([heard, octets.consumed, gate.waits], [[1, 2], 13, false]);
  gate.resume();
  assert.equal(octets.consumed, octets.arrived, 'open, it keeps back not even a beginning');
});

test('resumed from within the reader, it goes on without calling into itself', () => {
  let depth = 0;
  const { gate, heard, piece } = gated((self) => {
    assert.equal(++depth, 1);
    self.pause();
    self.resume();
    depth--;
  });
  gate.pause();
  piece(Buffer.concat([message(1), message(2), message(3)]));
  gate.resume();
  assert.deepEqual(heard, [1, 2, 3]);
});

test('any pieces, any pauses: all messages in order, and in the end every octet is given back', () => {
  const steps = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom('pause', 'go')),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 12 }), steps, fc.nat(3), (sizes, plan, every) => {
      const { gate, heard, octets, piece } = gated((self, size) => {
        // Some messages make their reader pause.
        if (every > 0 && size % 4 === every) self.pause();
      });
      const all = Buffer.concat(sizes.map(message));
      let at = 0;
      for (const step of plan) {
        if (step === 'pause') gate.pause();
        else if (step === 'go') gate.resume();
        else {
          const before = heard.length;
          const wasPaused = gate.isPaused;
          if (at < all.length) piece(all.subarray(at, at + step));
          at = Math.min(at + step, all.length);
          assert.ok(!wasPaused || heard.length === before, 'paused, nothing is handed on');
        }
      }
      if (at < all.length) piece(all.subarray(at));
      for (let turn = 0; turn <= sizes.length; turn++) gate.resume();
      assert.deepEqual(heard, sizes);
      assert.equal(octets.consumed, octets.arrived);
    }),
    { numRuns: 500 },
  );
});
