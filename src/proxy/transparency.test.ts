/**
 * What the proxy must not change, as peers on node:http2, grpc-js and bare frames see it; what all of the
 * drivers' suites say of it is in `relay.test.ts`, other languages in `test/e2e`.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { connectFrames, GREETING } from '../../test/support/frame-client.js';
import { frame, numberFrame, settingsFrame } from '../../test/support/http2-frames.js';
import {
  message,
  replyHead,
  reset,
  startScript,
  trailers,
} from '../../test/support/http2-script.js';
import { until } from '../../test/support/until.js';
import { CLIENT_PREFACE } from '../http2/frame.js';
import { type RunningProxy, startProxy } from './proxy.js';

const proxyTo = (port: number) =>
  startProxy({ host: '127.0.0.1', port: 0, upstream: { host: '127.0.0.1', port } });

const LONG = 'v'.repeat(40_000);

describe('node:http2 on both sides', () => {
  let server: Http2Server;
  let proxy: RunningProxy;
  let direct: ClientHttp2Session;
  let through: ClientHttp2Session;
  const sessions: ServerHttp2Session[] = [];
  before(async () => {
    server = createServer();
    server.on('session', (session) => sessions.push(session));
    // Says back the fields as they came, and what came after them.
    server.on('stream', (stream: ServerHttp2Stream, ...given: readonly unknown[]) => {
      const raw = given[2] as readonly string[];
      stream.on('error', () => {});
      const fields = raw.filter((_, at) => !(raw[at - (at % 2)] ?? '').startsWith(':authority'));
      stream.respond({ ':status': 200, 'x-raw-bin': ['AA', 'AAE'] }, { waitForTrailers: true });
      stream.on('wantTrailers', () =>
        stream.sendTrailers({
          'grpc-status': '0',
          'grpc-message': 'b%C3%A4h',
          many: ['1', '2', '3'],
          fields: createHash('sha256').update(fields.join('\n')).digest('hex'),
        }),
      );
      stream.pipe(stream);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    proxy = await proxyTo(port);
    [direct, through] = [port, proxy.port].map((one) => connect(`http://127.0.0.1:${one}`)) as [
      ClientHttp2Session,
      ClientHttp2Session,
    ];
    await Promise.all([once(direct, 'connect'), once(through, 'connect')]);
  });
  after(async () => {
    for (const session of [direct, through]) session.destroy();
    proxy.close();
    server.close();
  });

  /** Everything that a call gives, but for the date. */
  const call = async (
    session: ClientHttp2Session,
    fields: Record<string, string | string[]>,
    body: Buffer = Buffer.from('hi'),
  ) => {
    const stream = session.request({ ':method': 'POST', ':path': '/a/b', ...fields });
    const seen: Record<string, unknown> = {};
    const pieces: Buffer[] = [];
    stream.on('response', ({ date: _, ...head }) => Object.assign(seen, { head: { ...head } }));
    stream.on('trailers', (trailing) => Object.assign(seen, { trailing: { ...trailing } }));
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.end(body);
    await once(stream, 'close');
    return { ...seen, body: Buffer.concat(pieces).toString('hex'), rst: stream.rstCode };
  };

  const forms: Readonly<Record<string, Record<string, string | string[]>>> = {
    plain: { a: '1' },
    'many values, in their order': { a: ['1', '2', '3', '2'] },
    'comma-joined, binary too': { 'a-bin': 'AAEC,AwQ', b: 'x, y,z' },
    'empty, and with inner white space': { a: '', b: 'x \t y' },
    long: { a: LONG },
    'hop by hop where it is allowed': { te: 'trailers', 'grpc-timeout': '5S' },
  };
  for (const [name, fields] of Object.entries(forms)) {
    test(`metadata: ${name}`, async () => {
      assert.deepEqual(await call(through, fields), await call(direct, fields));
    });
  }

  test('two thousand streams at once, each with its own octets', async () => {
    const body = (nth: number) => Buffer.alloc(40, nth % 251);
    const calls = Array.from({ length: 2_000 }, (_, nth) => call(through, {}, body(nth)));
    const ended = await Promise.all(calls);
    ended.forEach((one, nth) => {
      assert.deepEqual([one.body, one.rst], [body(nth).toString('hex'), 0]);
    });
  });

  test('a reader who stalls stalls the writer behind him, within the windows', async () => {
    const stream = through.request({ ':method': 'POST', ':path': '/a/b' });
    stream.pause();
    const octets = Buffer.alloc(3_000_000, 7);
    stream.write(octets);
    await until('it is stalled', () => proxy.heldBytes > 32_768 && stream.writableLength > 0);
    // The echo's window is the client's, and the request's is the server's: 65,535 octets each.
    assert.ok(proxy.heldBytes <= 2 * 65_535, `${proxy.heldBytes} octets are held`);
    // Another stream goes on meanwhile.
    assert.equal((await call(through, {})).rst, 0);
    const got = createHash('sha256');
    const ended = once(stream, 'end');
    stream.on('data', (piece: Buffer) => got.update(piece)).resume();
    stream.end();
    await ended;
    assert.equal(got.digest('hex'), createHash('sha256').update(octets).digest('hex'));
    assert.equal(proxy.heldBytes, 0);
  });

  test('PING of either side is answered by the other', async () => {
    const payload = Buffer.from('12345678');
    const ping = (session: ClientHttp2Session | ServerHttp2Session) =>
      new Promise<string>((resolve, reject) =>
        session.ping(payload, (error, _ms, answer) =>
          error === null ? resolve(answer.toString()) : reject(error),
        ),
      );
    const server = sessions.at(-1) as ServerHttp2Session;
    const seen: string[] = [];
    for (const session of [server, through]) session.on('ping', () => seen.push('ping'));
    assert.deepEqual([await ping(through), await ping(server)], ['12345678', '12345678']);
    assert.equal(seen.length, 2);
  });
});

test('uppercase field names are refused, and the stream alone', async () => {
  await using server = await startScript({ onRequest: (peer, id) => peer.reply(id) });
  const proxy = await proxyTo(server.port);
  try {
    using client = await connectFrames(proxy.port, GREETING);
    client.send(frame(1, 5, 1, '838684 00 0141 0162'), frame(1, 5, 3, '838684'));
    await until(
      'both are answered',
      () => client.frames.filter(({ type }) => type < 4).length >= 3,
    );
    const reset = client.frames.find(({ type }) => type === 3);
    assert.deepEqual([reset?.streamId, reset?.payload.readUInt32BE(0)], [1, 1]);
    assert.ok(client.frames.some(({ type, streamId }) => type === 1 && streamId === 3));
  } finally {
    proxy.close();
  }
});

test('an answer that is whole outlives the reset behind it, however slow its reader', async () => {
  // It acknowledges no SETTINGS, so that the client's small window does not bind it yet.
  await using server = await startScript({
    isMute: true,
    onRequest: (peer, id) =>
      peer.send(replyHead(id), ...Array(20).fill(message(id)), trailers(id), reset(id, 0)),
  });
  const proxy = await proxyTo(server.port);
  try {
    const greeting = Buffer.concat([CLIENT_PREFACE, settingsFrame([4, 10]), frame(4, 1, 0)]);
    using client = await connectFrames(proxy.port, greeting);
    client.send(frame(1, 4, 1, '838684'));
    const octets = () =>
      client.frames.reduce((sum, { type, payload }) => sum + (type === 0 ? payload.length : 0), 0);
    await until('its window is used up', () => octets() === 10);
    client.send(numberFrame(8, 1, 1_000));
    await until('the reset', () => client.frames.at(-1)?.type === 3);
    assert.equal(octets(), 100);
    const words = client.frames.filter(({ streamId }) => streamId === 1).map(({ type }) => type);
    assert.deepEqual([words[0], words.at(-2), words.at(-1)], [1, 1, 3]);
  } finally {
    proxy.close();
  }
});

test('a server that stops answering is noticed by the client’s keepalive, through the proxy', async () => {
  let isFrozen = false;
  await using server = await startScript({
    onFrame: (peer, type) => {
      if (type === 6) isFrozen = true;
      if (isFrozen) peer.socket.pause();
    },
    isMute: true,
  });
  const proxy = await proxyTo(server.port);
  try {
    using client = createChatClient(`127.0.0.1:${proxy.port}`, {
      'grpc.keepalive_time_ms': 50,
      'grpc.keepalive_timeout_ms': 50,
      'grpc.keepalive_permit_without_calls': 1,
    });
    const { code } = await client.say('hi');
    assert.equal(code, 14);
    assert.ok(isFrozen);
  } finally {
    proxy.close();
  }
});
