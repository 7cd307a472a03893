/**
 * What every driver makes of calls with a stream of messages either way: `driver.case.ts` for the other
 * three shapes. A driver that differs says so here, with the reason.
 */
import assert from 'node:assert/strict';
import type { ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { createWitness, type Witness } from '../../test/support/call-witness.js';
import {
  type Behaviour,
  framed,
  RST,
  reply,
  startHttp2Peer,
  trailersOnly,
} from '../../test/support/http2-peer.js';
import { deferred } from '../base/deferred.js';
import type { StatusName } from '../base/status.js';
import type { CallChannel, MessageStream, OnReply } from '../calls/channel.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { ClientSpec } from './spec.js';

type DriverName = ClientSpec['driver'];
type Shape = 'server' | 'client' | 'bidi';

interface Outcome {
  readonly status: StatusName;
  /** Sizes of the messages that came. */
  readonly heard?: readonly number[];
  /** Kinds of attempts; one first one unless told. */
  readonly attempts?: readonly string[];
}

interface StreamCase extends Outcome {
  readonly shape: Shape;
  readonly name: string;
  readonly behave: Behaviour;
  /** Sizes of what we send; a server stream has one request. */
  readonly send?: readonly number[];
  /** We say nothing, ever, after our messages, and do not say that either. */
  readonly staysOpen?: boolean;
  readonly deadlineMs?: number;
  /** A driver that ends it otherwise, and why. */
  readonly deviation?: Outcome & { readonly driver: DriverName; readonly why: string };
}

/** How grpc-js 1.14.7 differs. */
const grpcJs = (outcome: Outcome, why: string) => ({ driver: 'grpc-js', ...outcome, why }) as const;

const OK = '0';
const MIB = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Messages, with nothing said of an end. */
function speak(stream: ServerHttp2Stream, ...messages: readonly Buffer[]): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.write(Buffer.concat(messages));
}

/** Everything that the client sends, once it has said that this is all. */
function onceHeard(stream: ServerHttp2Stream, answer: (body: Buffer) => void): void {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.on('end', () => answer(Buffer.concat(pieces)));
}

const replies = (...sizes: readonly number[]) => Buffer.concat(sizes.map((size) => framed(size)));

/** Sends back all that it got, once that is complete. */
const echoAll: Behaviour = (stream) => onceHeard(stream, (body) => reply(stream, body, OK));

/** Replies with a message as large as all that it got, prefixes included. */
const sizeOfAll = (stream: ServerHttp2Stream) =>
  onceHeard(stream, (body) => reply(stream, framed(body.length), OK));

const SERVER_STREAMS: readonly Omit<StreamCase, 'shape'>[] = [
  { name: 'its request, whole', behave: echoAll, send: [2 * MIB], status: 'OK', heard: [2 * MIB] },
  {
    name: 'messages of all sizes',
    behave: (stream) => reply(stream, replies(3, 0, 70_000, 3 * MIB, 1), OK),
    status: 'OK',
    heard: [3, 0, 70_000, 3 * MIB, 1],
  },
  { name: 'no message', behave: (stream) => reply(stream, NOTHING, OK), status: 'OK', heard: [] },
  {
    name: 'an error after messages',
    behave: (stream) => reply(stream, replies(3, 4), '9'),
    status: 'FAILED_PRECONDITION',
    heard: [3, 4],
  },
  {
    name: 'a reset after a message',
    behave: (stream) => {
      speak(stream, framed(3));
      stream.on('end', () => stream.close(RST.NGHTTP2_INTERNAL_ERROR));
    },
    status: 'INTERNAL',
  },
  {
    name: 'a message beyond 4 MiB after a small one',
    behave: (stream) => reply(stream, replies(3, 4 * MIB + 1), OK),
    status: 'RESOURCE_EXHAUSTED',
    heard: [3],
    deviation: grpcJs(
      { status: 'RESOURCE_EXHAUSTED' },
      'what came just before a message too large is lost with it',
    ),
  },
  {
    name: 'a message cut short, and OK',
    behave: (stream) => reply(stream, Buffer.concat([framed(3), framed(3, 0, 30)]), OK),
    status: 'INTERNAL',
    heard: [3],
    deviation: grpcJs({ status: 'OK', heard: [3] }, 'it does not look for octets left over'),
  },
  {
    name: 'an end without trailers after a message',
    behave: (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end(framed(3));
    },
    status: 'INTERNAL',
    heard: [3],
  },
  {
    name: 'silence after a message until the deadline',
    behave: (stream) => speak(stream, framed(3)),
    status: 'DEADLINE_EXCEEDED',
    // Long enough for the message to be heard on a busy machine.
    deadlineMs: 400,
    heard: [3],
  },
  {
    name: 'the connection lost after a message',
    behave: (stream) => {
      speak(stream, framed(3));
      stream.on('end', () => stream.session?.destroy());
    },
    status: 'UNAVAILABLE',
  },
];

const CLIENT_STREAMS: readonly Omit<StreamCase, 'shape'>[] = [
  {
    name: 'messages of all sizes, one reply',
    behave: sizeOfAll,
    send: [1, 0, 70_000, 3 * MIB],
    status: 'OK',
    heard: [1 + 70_000 + 3 * MIB + 4 * 5],
  },
  { name: 'no message, one reply', behave: sizeOfAll, send: [], status: 'OK', heard: [0] },
  {
    name: 'a reply before our end',
    behave: (stream) => reply(stream, framed(7), OK),
    send: [3],
    staysOpen: true,
    status: 'OK',
    heard: [7],
  },
  {
    name: 'an error before our end',
    behave: (stream) => trailersOnly(stream, { 'grpc-status': '5' }),
    send: [3],
    staysOpen: true,
    status: 'NOT_FOUND',
    heard: [],
  },
  {
    name: 'an error after a reply',
    behave: (stream) => onceHeard(stream, () => reply(stream, framed(7), '10')),
    status: 'ABORTED',
  },
  {
    name: 'OK without a reply',
    behave: (stream) => onceHeard(stream, () => reply(stream, NOTHING, OK)),
    status: 'UNIMPLEMENTED',
    heard: [],
  },
  {
    name: 'two replies',
    behave: (stream) => onceHeard(stream, () => reply(stream, replies(1, 2), OK)),
    status: 'INTERNAL',
    deviation: grpcJs({ status: 'UNIMPLEMENTED' }, 'that is what it calls too many replies'),
  },
  {
    name: 'no end of ours until the deadline',
    behave: () => {},
    send: [3],
    staysOpen: true,
    deadlineMs: 60,
    status: 'DEADLINE_EXCEEDED',
    heard: [],
  },
  {
    name: 'refused once, before any message',
    behave: (stream, nth) =>
      nth === 0 ? stream.close(RST.NGHTTP2_REFUSED_STREAM) : sizeOfAll(stream),
    send: [],
    status: 'OK',
    heard: [0],
    attempts: ['first', 'transparent'],
  },
  {
    name: 'refused once, after a message',
    behave: (stream, nth) => {
      if (nth > 0) sizeOfAll(stream);
      else stream.on('data', () => stream.close(RST.NGHTTP2_REFUSED_STREAM));
    },
    send: [8],
    status: 'OK',
    heard: [13],
    attempts: ['first', 'transparent'],
    deviation: {
      driver: 'wire',
      status: 'UNAVAILABLE',
      heard: [],
      why: 'it keeps no messages of a stream to send them again',
    },
  },
];

const BIDI_STREAMS: readonly Omit<StreamCase, 'shape'>[] = [
  {
    name: 'our end before its first message',
    behave: echoAll,
    send: [5, 3 * MIB],
    status: 'OK',
    heard: [5, 3 * MIB],
  },
  { name: 'nothing said by either', behave: echoAll, send: [], status: 'OK', heard: [] },
  {
    name: 'its end before ours',
    behave: (stream) => reply(stream, replies(3, 4), OK),
    send: [5],
    staysOpen: true,
    status: 'OK',
    heard: [3, 4],
  },
  {
    name: 'an error amid messages of ours',
    behave: (stream) => {
      speak(stream, framed(3));
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '8' }));
      stream.once('data', () => stream.end());
    },
    send: [5, 5, 5],
    staysOpen: true,
    status: 'RESOURCE_EXHAUSTED',
    heard: [3],
  },
  {
    name: 'silence of both until the deadline',
    behave: (stream) => speak(stream, framed(3)),
    send: [5],
    staysOpen: true,
    deadlineMs: 60,
    status: 'DEADLINE_EXCEEDED',
    heard: [3],
  },
];

const CASES: readonly StreamCase[] = [
  ...SERVER_STREAMS.map((one) => ({ ...one, shape: 'server' as const })),
  ...CLIENT_STREAMS.map((one) => ({ ...one, shape: 'client' as const })),
  ...BIDI_STREAMS.map((one) => ({ ...one, shape: 'bidi' as const })),
];

/** Runs the table over a driver, and what is the same for all shapes. */
export function streamCases(driver: DriverName): void {
  for (const one of CASES) {
    const deviation = one.deviation?.driver === driver ? one.deviation : undefined;
    const expected: Outcome = deviation ?? one;
    test(`${driver}: ${one.shape} stream: ${one.name}`, async () => {
      await using peer = await startHttp2Peer(one.behave);
      using client = createDriver([peer.address], clientSchema.parse({ driver }));
      await client.ready(5000);
      const call = start(client.channels[0], one.shape, one.deadlineMs ?? 5_000, one.send);
      if (one.staysOpen !== true) call.stream?.finish();
      const { status, attempts } = await call.witness.ended;
      assert.equal(status, expected.status, deviation?.why);
      if (expected.heard !== undefined) assert.deepEqual(call.heard, expected.heard);
      assert.deepEqual(attempts, expected.attempts ?? ['first']);
      // What is said to a stream that is over is lost, and harms nobody.
      assert.notEqual(call.stream?.writable, true);
      call.stream?.write(Buffer.from('late'));
      call.stream?.finish();
    });
  }

  for (const shape of ['server', 'client', 'bidi'] as const) {
    test(`${driver}: ${shape} stream: cancelled while open, the server is told`, async () => {
      const serverTold = deferred();
      const isOpen = deferred();
      await using peer = await startHttp2Peer((stream) => {
        stream.on('close', serverTold.resolve);
        stream.once('data', () => isOpen.resolve());
      });
      using client = createDriver([peer.address], clientSchema.parse({ driver }));
      await client.ready(5000);
      const call = start(client.channels[0], shape, undefined, [3]);
      await isOpen.promise;
      call.witness.ticket.cancel();
      assert.equal((await call.witness.ended).status, 'CANCELLED');
      await serverTold.promise;
    });
  }
}

interface StartedCall {
  readonly witness: Witness;
  /** Sizes of what came, as it comes. */
  readonly heard: readonly number[];
  readonly stream: MessageStream | undefined;
}

/** Starts a call of a shape and sends what it has to say. */
function start(
  channel: CallChannel | undefined,
  shape: Shape,
  deadlineMs: number | undefined,
  sizes: readonly number[] = [1],
): StartedCall {
  assert.ok(channel);
  const witness = createWitness();
  const heard: number[] = [];
  const hear: OnReply = (_bytes, from, to) => heard.push(to - from);
  const deadlineNs = deadlineMs === undefined ? undefined : deadlineMs * 1e6;
  const { ticket } = witness;
  if (shape === 'server') {
    const request = Buffer.alloc(sizes[0] ?? 0);
    channel.serverStream('/chat.ChatService/Listen', request, ticket, deadlineNs, {}, hear);
    return { witness, heard, stream: undefined };
  }
  const stream =
    shape === 'client'
      ? channel.clientStream('/chat.ChatService/SayAll', ticket, deadlineNs, {}, hear)
      : channel.stream('/chat.ChatService/Chat', ticket, deadlineNs, {}, hear);
  for (const size of sizes) stream.write(Buffer.alloc(size));
  return { witness, heard, stream };
}
