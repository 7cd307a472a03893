/**
 * What meddlers owe to the windows: of the octets that came every one is either passed on or given back,
 * once, whatever pieces they come in.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { framedMessage } from '../../http2/grpc-message.js';
import type { Meddler } from '../meddler.js';
import { RESPONSE_HEAD } from '../own-blocks.js';
import type { RelayStream } from '../relay-stream.js';
import { AtMoment } from './at-moment.js';
import { ChangedMessages } from './changed-messages.js';
import { CutMessage } from './cut-message.js';

/** A stream that only keeps what is passed to it. */
function fakeStream() {
  const passed: Buffer[] = [];
  let returned = 0;
  let isEnded = false;
  const stream = {
    passBlock() {},
    passData(bytes: Uint8Array, start: number, end: number, endStream: boolean) {
      passed.push(Buffer.from(bytes.subarray(start, end)));
      returned += end - start;
      isEnded ||= endStream;
    },
    passOwn: (bytes: Uint8Array) => void passed.push(Buffer.from(bytes)),
    giveBack: (octets: number) => {
      returned += octets;
    },
    afterHeld: (act: () => void) => act(),
  };
  return {
    stream: stream as unknown as RelayStream,
    passed: () => Buffer.concat(passed),
    returned: () => returned,
    isEnded: () => isEnded,
  };
}

/** Messages that are told apart by their first octet. */
const framed = (length: number, index: number) =>
  framedMessage(Buffer.alloc(length + 1, index % 251));

function feed(meddler: Meddler, messages: readonly Uint8Array[], pieces: readonly number[]) {
  const side = fakeStream();
  const octets = Buffer.concat(messages);
  meddler.block(side.stream, RESPONSE_HEAD, false);
  for (let at = 0, nth = 0; at < octets.length; nth++) {
    const end = Math.min(at + (pieces[nth % pieces.length] ?? 1), octets.length);
    meddler.data(side.stream, octets, at, end, end === octets.length);
    at = end;
  }
  return { ...side, octets };
}

const lengths = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 8 });
const pieces = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 });
const nth = fc.integer({ min: 1, max: 10 });

describe('meddlers', () => {
  test('a message is lost, doubled or replaced, and all others are as they were', () => {
    const changes = {
      drop: (): Uint8Array[] => [],
      double: (message: Buffer) => [message, message],
      replace: () => [framed(3, 250)],
    };
    fc.assert(
      fc.property(lengths, pieces, nth, fc.constantFrom(...Object.values(changes)), (...given) => {
        const [sizes, cuts, number, change] = given;
        const messages = sizes.map(framed);
        const side = feed(new ChangedMessages({ nth: number }, change), messages, cuts);
        const expected = messages.flatMap((message, index) =>
          index === number - 1 ? change(Buffer.from(message)) : [message],
        );
        assert.deepEqual(side.passed(), Buffer.concat(expected));
        assert.equal(side.returned(), side.octets.length);
        assert.ok(side.isEnded());
      }),
    );
  });

  test('a share of messages is the same for the same draw, and about as large as it should be', () => {
    const messages = Array.from({ length: 2_000 }, (_, index) => framed(4, index));
    const kept = (draw: number) => {
      const meddler = new ChangedMessages({ share: 0.25, draw }, () => []);
      return feed(meddler, messages, [1_000]).passed();
    };
    assert.deepEqual(kept(0.3), kept(0.3));
    assert.notDeepEqual(kept(0.3), kept(0.6));
    // 1,500 of 2,000 on average, with a standard deviation of 19.
    const left = kept(0.3).length / 10;
    assert.ok(left > 1_400 && left < 1_600, `${left} messages are left`);
  });

  test('a cut ends the stream within its message, and nothing follows', () => {
    fc.assert(
      fc.property(lengths, pieces, nth, (sizes, cuts, number) => {
        const messages = sizes.map(framed);
        let cutsSeen = 0;
        const side = feed(new CutMessage(number, () => cutsSeen++), messages, cuts);
        const before = Buffer.concat(messages.slice(0, number - 1)).length;
        const isCut = number <= messages.length;
        const end = isCut ? before + (messages[number - 1]?.length ?? 0) - 1 : side.octets.length;
        assert.deepEqual(side.passed(), side.octets.subarray(0, end));
        assert.equal(side.returned(), side.octets.length);
        assert.deepEqual([cutsSeen, side.isEnded()], [isCut ? 1 : 0, true]);
      }),
    );
  });

  test('an answer passes up to its moment, and what comes after is nobody’s', () => {
    fc.assert(
      fc.property(lengths, pieces, nth, (sizes, cuts, number) => {
        const messages = sizes.map(framed);
        let acts = 0;
        const meddler = new AtMoment({ messages: number }, () => acts++);
        const side = feed(meddler, messages, cuts);
        assert.deepEqual(side.passed(), Buffer.concat(messages.slice(0, number)));
        assert.equal(side.returned(), side.octets.length);
        assert.equal(acts, number <= messages.length ? 1 : 0);
        assert.equal(side.isEnded(), number > messages.length);
      }),
    );
  });
});
