/** The catalogue of calls as such; what calls do is tested with servers, in `src/workers/`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyCallKind, CallContext } from './call.js';
import type { CallChannel, OnReply } from './channel.js';
import { calls } from './index.js';
import { CallTicket } from './ticket.js';

test('every entry stands under its own kind', () => {
  for (const [key, entry] of Object.entries<AnyCallKind>(calls)) assert.equal(entry.kind, key);
});

test('unary looks whether its reply can be one: fields of any contract, and nothing else', () => {
  let isMessage: OnReply | undefined;
  const channel = {
    unary: (...[, , , , , onReply]: Parameters<CallChannel['unary']>) => {
      isMessage = onReply;
    },
  } as unknown as CallChannel;
  const context = { load: 'say', deadlineNs: undefined, channel: () => channel };
  const options = calls.unary.schema.parse({});
  const start = calls.unary.prepare(options, context as unknown as CallContext);
  start(new CallTicket({} as CallTicket['owner'], 0, 0, 0), 0);
  const verdict = (hex: string) => {
    const message = Buffer.from(hex, 'hex');
    const among = Buffer.concat([Buffer.alloc(3, 0xff), message, Buffer.alloc(3, 0xff)]);
    return isMessage?.(among, 3, 3 + message.length);
  };
  // Nothing, delivered: 300, a field of four octets, one of eight, and field 536,870,911.
  for (const hex of ['', '08ac02', '0d01020304', '110102030405060708', 'faffffff0f02abcd']) {
    assert.equal(verdict(hex), true, hex);
  }
  // No varint, cut ones, a key of six octets, a group, a string and a number beyond the end.
  for (const hex of ['ff'.repeat(16), '08', '08ac', 'faffffffff0f00', '0b', '0a0561', '0d0102']) {
    assert.equal(verdict(hex), false, hex);
  }
});
