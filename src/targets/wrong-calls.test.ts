/**
 * What no gRPC client sends, sent to both kinds of server: each wrong call gets the status that
 * gRPC gives it, and neither the connection nor the server suffers.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { beginNow, faultWindow, startTestHost, type TestFleet } from '../../test/support/fleet.js';
import { openRaw, type RawCall, rawCall } from '../../test/support/raw-call.js';
import { framedMessage } from '../http2/grpc-message.js';
import { SERVER_KINDS, type ServerKind } from './spec.js';

const CODE = { ok: 0, deadline: 4, exhausted: 8, unimplemented: 12, internal: 13 };
const HELLO = framedMessage(Buffer.from('\n\x02me\x12\x05hello', 'latin1'));
const GZIP = { 'grpc-encoding': 'gzip' };
const huge = Buffer.alloc(5);
huge.writeUInt32BE(4 * 1024 * 1024 + 1, 1);

interface Case extends RawCall {
  readonly name: string;
  readonly grpcStatus?: number;
  readonly httpStatus?: number;
  readonly details?: RegExp;
  /** Servers that do otherwise, and why they may. */
  readonly except?: Partial<Record<ServerKind, string>>;
}

const CASES: readonly Case[] = [
  { name: 'a message in one piece', body: [HELLO], grpcStatus: CODE.ok },
  {
    name: 'a message in pieces of an octet, and an end of its own',
    body: Array.from(HELLO, (octet) => Uint8Array.of(octet)),
    grpcStatus: CODE.ok,
  },
  {
    name: 'an unknown method',
    path: '/chat.ChatService/Shout',
    body: [HELLO],
    grpcStatus: CODE.unimplemented,
    details: /does not implement the method \/chat\.ChatService\/Shout/,
  },
  {
    name: 'another content type',
    headers: { 'content-type': 'application/json' },
    body: [HELLO],
    httpStatus: 415,
  },
  {
    name: 'another content type that begins like ours',
    headers: { 'content-type': 'application/grpc-web+proto' },
    body: [HELLO],
    httpStatus: 415,
    except: { 'grpc-js': 'it looks at the beginning only' },
  },
  {
    name: 'a compressed message of no known encoding',
    headers: { 'grpc-encoding': 'rot13' },
    body: [Uint8Array.from(HELLO, (octet, at) => (at === 0 ? 1 : octet))],
    grpcStatus: CODE.unimplemented,
  },
  {
    name: 'a compressed message of no named encoding',
    body: [Uint8Array.from(HELLO, (octet, at) => (at === 0 ? 1 : octet))],
    grpcStatus: CODE.internal,
    except: { 'grpc-js': 'its error for that has no code' },
  },
  {
    name: 'a message under gzip',
    headers: GZIP,
    body: [framedMessage(gzipSync(HELLO.subarray(5)), true)],
    grpcStatus: CODE.ok,
  },
  {
    name: 'a plain message in a call under gzip',
    headers: GZIP,
    body: [HELLO],
    grpcStatus: CODE.ok,
  },
  {
    name: 'a message under gzip that is no gzip',
    headers: GZIP,
    body: [Uint8Array.from(HELLO, (octet, at) => (at === 0 ? 1 : octet))],
    grpcStatus: CODE.internal,
  },
  {
    name: 'a small message that would be 8 MiB',
    headers: GZIP,
    body: [framedMessage(gzipSync(Buffer.alloc(8 * 1024 * 1024)), true)],
    grpcStatus: CODE.exhausted,
  },
  {
    name: 'a request to Listen under gzip that is no protobuf',
    path: '/chat.ChatService/Listen',
    headers: GZIP,
    body: [framedMessage(gzipSync(Uint8Array.of(0xff)), true)],
    grpcStatus: CODE.internal,
    details: /deserializ/,
  },
  { name: 'no message at all', body: [], grpcStatus: CODE.unimplemented },
  { name: 'a second message', body: [HELLO, HELLO], grpcStatus: CODE.unimplemented },
  {
    name: 'a message that is cut off',
    body: [HELLO.subarray(0, 8)],
    grpcStatus: CODE.internal,
    except: { 'grpc-js': 'to it such a call has no message, and is UNIMPLEMENTED' },
  },
  {
    name: 'a message that begins with a wrong flag',
    body: [Uint8Array.from(HELLO, (octet, at) => (at === 0 ? 7 : octet))],
    grpcStatus: CODE.internal,
    except: { 'grpc-js': 'it takes any flag but 1 for "not compressed"' },
  },
  {
    name: 'a message that says it is too large',
    body: [huge],
    isEnded: false,
    grpcStatus: CODE.exhausted,
    details: /larger than/,
  },
  {
    name: 'a timeout that is none',
    headers: { 'grpc-timeout': 'soon' },
    body: [HELLO],
    isEnded: false,
    grpcStatus: CODE.internal,
    details: /grpc-timeout/,
  },
  {
    name: 'a request to Listen that is no protobuf',
    path: '/chat.ChatService/Listen',
    body: [framedMessage(Uint8Array.of(0xff))],
    grpcStatus: CODE.internal,
    details: /deserializ/,
  },
];

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    let fleet: TestFleet;
    before(async () => {
      fleet = await startTestHost({ server });
    });
    after(() => fleet[Symbol.asyncDispose]());

    for (const { name, grpcStatus, httpStatus = 200, details, except, ...call } of CASES) {
      test(name, { skip: except?.[server] ?? false }, async () => {
        using session = openRaw(fleet.address);
        const end = await rawCall(session, call);
        assert.equal(end.httpStatus, httpStatus);
        assert.equal(end.grpcStatus, grpcStatus, end.details);
        if (details !== undefined) assert.match(end.details ?? '', details);
        const next = await rawCall(session, { body: [HELLO] });
        assert.equal(next.grpcStatus, CODE.ok, 'the connection lives on');
        assert.deepEqual(fleet.lost, []);
      });
    }

    test('the server itself ends a call at its deadline, and counts it as given up', async () => {
      await using hung = await startTestHost({ server, faults: [faultWindow('rpc-hang', {})] });
      beginNow(hung);
      using session = openRaw(hung.address);
      const calls = [
        { body: [HELLO] },
        { body: [], isEnded: false },
        { path: '/chat.ChatService/Chat', body: [HELLO], isEnded: false },
      ];
      for (const call of calls) {
        const headers = { 'grpc-timeout': '60m' };
        const { grpcStatus, tookMs } = await rawCall(session, { ...call, headers });
        assert.equal(grpcStatus, CODE.deadline);
        assert.ok(tookMs >= 59, `${tookMs} ms`);
      }
      await hung.stop();
      assert.deepEqual(hung.totals().answeredByCode, {});
      assert.equal(hung.totals().cancelled, calls.length);
    });
  });
}
