/**
 * What every driver makes of messages themselves: their size, their compression, and the metadata beside
 * them. A driver that differs says so here, with the reason.
 */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createWitness } from '../../test/support/call-witness.js';
import { framed, type Http2Peer, reply, startHttp2Peer } from '../../test/support/http2-peer.js';
import { deferred } from '../base/deferred.js';
import type { StatusName } from '../base/status.js';
import type { CallMetadata } from '../calls/call-metadata.js';
import type { OnReply } from '../calls/channel.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { ClientSpec } from './spec.js';

type DriverName = ClientSpec['driver'];

const OK = '0';
const MIB = 1024 * 1024;

interface MessageCase {
  readonly name: string;
  /** Further keys of `client:`. */
  readonly client: object;
  /** Bytes of the request. */
  readonly request?: number;
  /** The octets of the reply, prefix and all. */
  readonly reply: Buffer;
  /** `grpc-encoding` of the reply. */
  readonly encoding?: string;
  readonly status: StatusName;
  /** A driver that ends it otherwise, and why. */
  readonly deviation?: {
    readonly driver: DriverName;
    readonly status: StatusName;
    readonly why: string;
  };
}

/** How grpc-js 1.14.7 ends a call otherwise. */
const grpcJs = (status: StatusName, why: string) => ({ driver: 'grpc-js', status, why }) as const;

/** A framed message with a flag of its own. */
function flagged(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = 1;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const gzipped = (bytes: number) => flagged(gzipSync(Buffer.alloc(bytes)));
const GZIP = { compression: 'gzip' };

const CASES: readonly MessageCase[] = [
  {
    name: 'a reply as large as is allowed',
    client: { maxReceiveMessageSize: '1000B' },
    reply: framed(1000),
    status: 'OK',
  },
  {
    name: 'a small reply that is larger than is allowed',
    client: { maxReceiveMessageSize: '1000B' },
    reply: framed(1001),
    status: 'RESOURCE_EXHAUSTED',
  },
  {
    name: 'a reply beyond 4 MiB where that is allowed',
    client: { maxReceiveMessageSize: '6MiB' },
    reply: framed(5 * MIB),
    status: 'OK',
  },
  {
    name: 'a reply beyond 4 MiB without a limit',
    client: { maxReceiveMessageSize: 'unlimited' },
    reply: framed(5 * MIB),
    status: 'OK',
  },
  {
    name: 'a request as large as is allowed',
    client: { maxSendMessageSize: '2KiB' },
    request: 2048,
    reply: framed(1),
    status: 'OK',
  },
  {
    name: 'a request larger than is allowed',
    client: { maxSendMessageSize: '2KiB' },
    request: 2049,
    reply: framed(1),
    status: 'RESOURCE_EXHAUSTED',
  },
  {
    name: 'a request larger than is allowed that would be smaller under gzip',
    client: { maxSendMessageSize: '2KiB', ...GZIP },
    request: 2049,
    reply: framed(1),
    status: 'RESOURCE_EXHAUSTED',
  },
  {
    name: 'a compressed reply',
    client: GZIP,
    reply: gzipped(3 * MIB),
    encoding: 'gzip',
    status: 'OK',
  },
  {
    name: 'a plain reply where compression was offered',
    client: GZIP,
    reply: framed(3),
    status: 'OK',
  },
  {
    name: 'a plain message in a reply that is under gzip',
    client: GZIP,
    reply: framed(3),
    encoding: 'gzip',
    status: 'OK',
  },
  {
    name: 'a reply that grows beyond its limit',
    client: GZIP,
    reply: gzipped(4 * MIB + 1),
    encoding: 'gzip',
    status: 'RESOURCE_EXHAUSTED',
  },
  {
    name: 'a reply that would grow to 300 MiB',
    client: { ...GZIP, maxReceiveMessageSize: '1KiB' },
    reply: flagged(gzipSync(Buffer.alloc(300 * MIB), { level: 1 }).subarray(0, 1000)),
    encoding: 'gzip',
    status: 'RESOURCE_EXHAUSTED',
  },
  {
    name: 'a reply that is no gzip',
    client: GZIP,
    reply: flagged(Buffer.from('no gzip at all')),
    encoding: 'gzip',
    status: 'INTERNAL',
  },
  {
    name: 'a gzip that is cut short',
    client: GZIP,
    reply: flagged(gzipSync(Buffer.from('a message')).subarray(0, -9)),
    encoding: 'gzip',
    status: 'INTERNAL',
  },
  {
    name: 'a reply under an encoding that nobody knows',
    client: GZIP,
    reply: flagged(Buffer.from('rot13')),
    encoding: 'rot13',
    status: 'INTERNAL',
    deviation: grpcJs('UNKNOWN', 'its error for that has no code'),
  },
  {
    name: 'a compressed message that is said to be none',
    client: GZIP,
    reply: gzipped(3),
    encoding: 'identity',
    status: 'INTERNAL',
    deviation: grpcJs('UNKNOWN', 'its error for that has no code'),
  },
  {
    name: 'a compressed message of no named encoding',
    client: GZIP,
    reply: gzipped(3),
    status: 'INTERNAL',
    deviation: grpcJs('UNKNOWN', 'its error for that has no code'),
  },
];

/** What a peer was sent. */
interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A peer that tells of requests once they are complete, and answers them. */
async function startListening(
  answer: (stream: ServerHttp2Stream) => void,
): Promise<{ peer: Http2Peer; request: Promise<Request> }> {
  const heard = deferred<Request>();
  const peer = await startHttp2Peer((stream, _nth, headers) => {
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () => {
      heard.resolve({ headers, body: Buffer.concat(pieces) });
      if (!stream.destroyed) answer(stream);
    });
  });
  return { peer, request: heard.promise };
}

/** A whole reply under an encoding. */
function encodedReply(stream: ServerHttp2Stream, body: Buffer, encoding: string): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-encoding': encoding },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': OK }));
  stream.end(body);
}

/** The messages in a body, as they were before compression. */
function messagesIn(body: Buffer): { compressed: boolean; message: string }[] {
  const messages: { compressed: boolean; message: string }[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    const content = body.subarray(at + 5, end);
    const compressed = body[at] === 1;
    messages.push({ compressed, message: String(compressed ? gunzipSync(content) : content) });
    at = end;
  }
  return messages;
}

/** Runs the table over a driver, and what is seen of messages at the other end. */
export function messageCases(driver: DriverName): void {
  const connect = async (peer: Http2Peer, client: object) => {
    const created = createDriver([peer.address], clientSchema.parse({ driver, ...client }));
    await created.ready(5000);
    const [channel] = created.channels;
    assert.ok(channel);
    return { channel, witness: createWitness(), [Symbol.dispose]: () => created[Symbol.dispose]() };
  };

  for (const one of CASES) {
    const deviation = one.deviation?.driver === driver ? one.deviation : undefined;
    test(`${driver}: ${one.name}`, async () => {
      const { peer } = await startListening((stream) => {
        if (one.encoding === undefined) reply(stream, one.reply, OK);
        else encodedReply(stream, one.reply, one.encoding);
      });
      await using _ = peer;
      using client = await connect(peer, one.client);
      const { ticket, ended } = client.witness;
      client.channel.unary('/test/Say', Buffer.alloc(one.request ?? 3), ticket, 5e9);
      assert.equal((await ended).status, deviation?.status ?? one.status, deviation?.why);
    });
  }

  test(`${driver}: under gzip, streams are compressed message by message, both ways`, async () => {
    const answers = Buffer.concat([
      flagged(gzipSync(Buffer.from('one'))),
      framed(0),
      flagged(gzipSync(Buffer.alloc(100_000))),
    ]);
    const { peer, request } = await startListening((stream) =>
      encodedReply(stream, answers, 'gzip'),
    );
    await using _ = peer;
    using client = await connect(peer, GZIP);
    const heard: number[] = [];
    const hear: OnReply = (_bytes, start, end) => heard.push(end - start);
    const { ticket, ended } = client.witness;
    const stream = client.channel.stream('/test/Chat', ticket, undefined, {}, hear);
    for (const text of ['first', '', 'x'.repeat(50_000)]) stream.write(Buffer.from(text));
    stream.finish();
    assert.equal((await ended).status, 'OK');
    assert.deepEqual(heard, [3, 0, 100_000]);
    const { headers, body } = await request;
    assert.equal(headers['grpc-encoding'], 'gzip');
    assert.match(String(headers['grpc-accept-encoding']), /^identity,(deflate,)?gzip$/);
    assert.deepEqual(
      messagesIn(body).map(({ compressed, message }) => `${compressed} ${message.slice(0, 5)}`),
      ['true first', 'true ', 'true xxxxx'],
    );
    assert.ok(body.length < 1000, `${body.length} octets`);
  });

  test(`${driver}: a stream's message larger than is allowed ends the call`, async () => {
    const { peer } = await startListening((stream) => reply(stream, framed(1), OK));
    await using _ = peer;
    using client = await connect(peer, { maxSendMessageSize: '10B' });
    const { ticket, ended } = client.witness;
    const stream = client.channel.clientStream('/test/SayAll', ticket, 5e9, {});
    stream.write(Buffer.alloc(10));
    stream.write(Buffer.alloc(11));
    stream.finish();
    assert.equal((await ended).status, 'RESOURCE_EXHAUSTED');
  });

  test(`${driver}: a server stream is stopped at a message that is too large`, async () => {
    const { peer } = await startListening((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      // And goes on, if nobody stops it.
      stream.write(framed(101));
    });
    await using _ = peer;
    using client = await connect(peer, { maxReceiveMessageSize: '100B' });
    const { ticket, ended } = client.witness;
    client.channel.serverStream('/test/Listen', Buffer.alloc(1), ticket, 5e9, {}, () => {});
    assert.equal((await ended).status, 'RESOURCE_EXHAUSTED');
  });

  test(`${driver}: metadata of the client and of the call, text and octets`, async () => {
    const { peer, request } = await startListening((stream) => reply(stream, framed(1), OK));
    await using _ = peer;
    using client = await connect(peer, {
      metadata: { tenant: 'blue', room: 'lobby', 'trace-bin': 'AP/+gA==' },
    });
    const metadata = { room: 'a b~', 'span-bin': Uint8Array.of(0, 255, 1) };
    const { ticket, ended } = client.witness;
    client.channel.unary('/test/Say', Buffer.alloc(1), ticket, undefined, metadata);
    assert.equal((await ended).status, 'OK');
    const { headers } = await request;
    assert.equal(headers['tenant'], 'blue');
    assert.equal(headers['room'], 'a b~', 'the call’s own goes before the client’s');
    // With or without padding: both are right (the gRPC documentation, doc/PROTOCOL-HTTP2.md).
    const octets = (key: string) => [...Buffer.from(String(headers[key]), 'base64')];
    assert.deepEqual(octets('trace-bin'), [0, 255, 254, 128]);
    assert.deepEqual(octets('span-bin'), [0, 255, 1]);
  });

  test(`${driver}: metadata that no call may carry is refused`, async () => {
    const { peer } = await startListening(() => {});
    await using _ = peer;
    using client = await connect(peer, {});
    const { ticket } = client.witness;
    const wrong: readonly [CallMetadata, RegExp][] = [
      [{ 'grpc-timeout': '1S' }, /"grpc-timeout" is a reserved key/],
      [{ 'squall-call': '1' }, /reserved/],
      [{ te: 'x' }, /reserved/],
      [{ Room: 'x' }, /"Room" is no key/],
      [{ ':path': '/' }, /is no key/],
      [{ room: 'x\r\ny' }, /printable/],
      [{ room: Uint8Array.of(1) }, /room takes text/],
      [{ 'room-bin': 'x' }, /room-bin takes octets/],
    ];
    for (const [metadata, message] of wrong) {
      const call = () =>
        client.channel.unary('/test/Say', Buffer.alloc(1), ticket, undefined, metadata);
      assert.throws(call, { name: 'TypeError', message }, JSON.stringify(metadata));
    }
    assert.equal(peer.streams, 0);
  });
}
