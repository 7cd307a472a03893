/**
 * The wire server before whatever a socket can bring: it closes what is no HTTP/2, and lives on. And
 * before peers that do not read: what waits for them is bounded.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, startTestHost, type TestFleet } from '../../test/support/fleet.js';
import { frame, settingsFrame } from '../../test/support/http2-frames.js';
import { openListener, openRaw } from '../../test/support/raw-call.js';
import { until } from '../../test/support/until.js';
import { createRng } from '../base/rng.js';
import { CLIENT_PREFACE } from '../http2/frame.js';
import { framedMessage } from '../http2/grpc-message.js';
import { headerFields } from '../http2/header-field.js';
import { connectTransport } from '../http2/socket-transport.js';
import { OUTBOX_DEFAULT } from './outbox.js';

const MIB = 1024 * 1024;

function portOf(address: string): number {
  return Number(address.split(':')[1]);
}

/** A socket on which octets were written. */
async function sent(address: string, ...octets: readonly Uint8Array[]): Promise<Socket> {
  const socket = connect(portOf(address), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const piece of octets) socket.write(piece);
  return socket;
}

describe('octets that are no call', () => {
  let fleet: TestFleet;
  before(async () => {
    fleet = await startTestHost({ server: 'wire' });
  });
  after(() => fleet[Symbol.asyncDispose]());

  /** A server that has lived through something still serves. */
  const assertServes = async () => {
    using client = createChatClient(fleet.address);
    assert.equal((await client.say('hi')).code, 0);
    assert.deepEqual(fleet.lost, []);
  };

  const random = createRng(1, 'garbage');
  const garbage = Uint8Array.from({ length: 10_000 }, () => Math.floor(random() * 256));
  const wrong: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['HTTP/1', [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')]],
    ['noise', [garbage]],
    ['noise after the preface', [CLIENT_PREFACE, garbage]],
    ['a frame that is too large', [CLIENT_PREFACE, settingsFrame(), frame(0, 0, 1, '', 20_000)]],
    ['a field block that is none', [CLIENT_PREFACE, settingsFrame(), frame(1, 5, 1, 'ffffffffff')]],
    ['data on no stream', [CLIENT_PREFACE, settingsFrame(), frame(0, 0, 1, '00')]],
  ];
  for (const [name, octets] of wrong) {
    test(`${name}: the connection is closed`, async () => {
      const socket = await sent(fleet.address, ...octets);
      socket.resume();
      await once(socket, 'close');
      await assertServes();
    });
  }

  const cut: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['nothing', []],
    ['half a preface', [CLIENT_PREFACE.subarray(0, 9)]],
    ['half a frame header', [CLIENT_PREFACE, settingsFrame(), Uint8Array.of(0, 0, 9, 1)]],
    ['half a header block', [CLIENT_PREFACE, settingsFrame(), frame(1, 4, 1, '8386', 90)]],
    ['half the noise', [CLIENT_PREFACE, settingsFrame(), frame(1, 0, 1, '838684')]],
  ];
  for (const [name, octets] of cut) {
    test(`${name} and then no more: nobody minds`, async () => {
      const socket = await sent(fleet.address, ...octets);
      await assertServes();
      socket.destroy();
      await assertServes();
    });
  }

  test('any cut of a whole call, octet by octet, leaves the server as it was', async () => {
    const call = wholeCall();
    for (let at = CLIENT_PREFACE.length; at < call.length; at += 7) {
      const socket = await sent(fleet.address, call.subarray(0, at), call.subarray(at));
      const [reply] = await once(socket, 'data');
      assert.ok((reply as Buffer).length > 0);
      socket.resetAndDestroy();
    }
    await assertServes();
  });
});

/** The octets of a client that makes one call. */
function wholeCall(): Buffer {
  const fields = [
    '838684',
    // "content-type: application/grpc" as a literal beside the table, by its static name.
    `0f10${Buffer.from('\x10application/grpc').toString('hex')}`,
  ].join('');
  const message = Buffer.from(framedMessage(Buffer.from('\n\x02me'))).toString('hex');
  const frames = [settingsFrame(), frame(1, 4, 1, fields), frame(0, 1, 1, message)];
  return Buffer.concat([CLIENT_PREFACE, ...frames]);
}

describe('peers that do not read', () => {
  test('a listener that stops reading keeps the newest messages, and bounds the rest', async () => {
    await using fleet = await startTestHost({ server: 'wire' });
    using client = createChatClient(fleet.address);
    using session = openRaw(fleet.address);
    const listener = openListener(session);
    await until('it listens', async () => (await client.say('x')).reply?.delivered === 1);
    const messages = 4_000;
    const filler = 'x'.repeat(500);
    const contents = Array.from({ length: messages }, (_, at) => `<${at}>${filler}`);
    const { code, reply } = await client.sayAll(contents);
    assert.deepEqual([code, reply], [0, { said: messages, delivered: messages }]);
    // Only now it reads: what its window held, and what the outbox had kept.
    let text = '';
    listener.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
    });
    await until('the newest message', () => text.includes(`<${messages - 1}>`));
    const heard = [...text.matchAll(/<(\d+)>/g)].map(([, at]) => Number(at));
    assert.deepEqual(
      heard,
      heard.toSorted((a, b) => a - b),
    );
    assert.ok(heard.length >= OUTBOX_DEFAULT.messages, `${heard.length} heard`);
    assert.ok(heard.length < messages / 2, `${heard.length} heard`);
    listener.close();
  });

  test('a listener that stops reading is disconnected, where its server says so', async () => {
    const outbox = { messages: 50, whenFull: 'disconnect' } as const;
    await using fleet = await startTestHost({
      server: 'wire',
      specs: [{ name: 'b0', port: 0, outbox }],
    });
    beginNow(fleet);
    using client = createChatClient(fleet.address);
    using session = openRaw(fleet.address);
    const listener = openListener(session);
    let code: number | undefined;
    listener.on('close', () => {
      code = listener.rstCode;
    });
    listener.on('error', () => {});
    await until('it listens', async () => (await client.say('x')).reply?.delivered === 1);
    const contents = Array.from({ length: 2_000 }, () => 'x'.repeat(500));
    assert.equal((await client.sayAll(contents)).code, 0);
    // gRPC makes RESOURCE_EXHAUSTED of ENHANCE_YOUR_CALM.
    await until('its end', () => code === 11);
    await until('an empty room', async () => (await client.say('x')).reply?.delivered === 0);
    await fleet.stop();
    assert.deepEqual([fleet.totals().readersDisconnected, fleet.totals().messagesDropped], [1, 0]);
  });

  test('a client that reads no replies is not read either, and gets them all later', async () => {
    await using fleet = await startTestHost({ server: 'wire' });
    // 60 MB of requests and 17 MB of replies: more than the system keeps for a socket.
    const calls = 500_000;
    let ended = 0;
    const transport = connectTransport(
      { host: '127.0.0.1', port: portOf(fleet.address) },
      {},
      {
        onHeaders() {},
        onData() {},
        onReset() {},
        onStreamEnd: () => void ended++,
        onWritable() {},
        onSettings() {},
        onGoaway() {},
        onIdle() {},
        onClosed() {},
      },
      { onClose() {} },
    );
    // First the server's windows, or nothing could be sent without reading.
    await until('the windows', () => transport.connection.sendWindowBytes > MIB);
    transport.socket.pause();
    const template = transport.connection.template({
      headers: headerFields([
        [':method', 'POST'],
        [':scheme', 'http'],
        [':path', '/chat.ChatService/Say'],
        ['content-type', 'application/grpc'],
      ]),
      varying: ['squall-call'],
      body: framedMessage(new Uint8Array(0)),
      endStream: true,
    });
    const filler = ['x'.repeat(100)];
    for (let call = 0; call < calls; call++) transport.connection.startTemplate(template, filler);
    // It takes in a part and then stands still; read on, the requests would all be gone by then.
    let waiting = -1;
    let sinceMs = performance.now();
    const standsStill = () => {
      if (transport.pendingBytes !== waiting) sinceMs = performance.now();
      waiting = transport.pendingBytes;
      return performance.now() - sinceMs > 1_000;
    };
    await until('the server to stop reading', standsStill, 30_000);
    assert.ok(transport.pendingBytes > MIB, `${transport.pendingBytes} octets wait`);
    transport.socket.resume();
    await until('all replies', () => ended === calls, 15_000);
    assert.deepEqual(fleet.lost, []);
    transport.destroy();
  });
});
