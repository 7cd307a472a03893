/**
 * Days on which the server is down, slow to greet or dies, and the client goes without a word: a correct
 * status for who is still there, and nothing left of it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { connectFrames, GREETING } from '../../test/support/frame-client.js';
import { frame } from '../../test/support/http2-frames.js';
import { message, replyHead, startScript } from '../../test/support/http2-script.js';
import { until } from '../../test/support/until.js';
import { type RunningProxy, startProxy } from './proxy.js';

const UNAVAILABLE = 14;

/** A proxy, and whether anything is left in it when the test is done with its peers. */
async function withProxy(
  port: number,
  act: (proxy: RunningProxy, lost: readonly string[]) => Promise<void>,
  handshakeMs = 20_000,
): Promise<void> {
  const lost: string[] = [];
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    upstream: { host: '127.0.0.1', port },
    handshakeMs,
    onLost: (reason) => lost.push(reason),
  });
  try {
    await act(proxy, lost);
    await until('nothing is left', () => proxy.connectionCount === 0);
    assert.equal(proxy.heldBytes, 0);
  } finally {
    proxy.close();
  }
}

/** A server that accepts and says nothing. */
async function silentServer() {
  const open = new Set<object>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, open, [Symbol.dispose]: () => void server.close() };
}

test('the server is down: UNAVAILABLE, and the reason is told', async () => {
  const script = await startScript({});
  await script.stop();
  await withProxy(script.port, async (proxy, lost) => {
    using client = createChatClient(`127.0.0.1:${proxy.port}`);
    assert.equal((await client.say('hi', { deadlineMs: 5_000 })).code, UNAVAILABLE);
    assert.match(lost[0] ?? '', /ECONNREFUSED/);
  });
});

test('the server accepts and never greets: UNAVAILABLE after the time for handshakes', async () => {
  using server = await silentServer();
  await withProxy(
    server.port,
    async (proxy, lost) => {
      using client = createChatClient(`127.0.0.1:${proxy.port}`);
      assert.equal((await client.say('hi', { deadlineMs: 5_000 })).code, UNAVAILABLE);
      assert.match(lost[0] ?? '', /did not answer in time/);
    },
    100,
  );
});

test('the client gives up before the server has greeted: the server’s connection goes too', async () => {
  using server = await silentServer();
  await withProxy(server.port, async (proxy, lost) => {
    using client = await connectFrames(proxy.port, GREETING);
    await until('the server has it', () => server.open.size === 1);
    client.socket.destroy();
    await until('it is gone there too', () => server.open.size === 0);
    assert.deepEqual(lost, []);
  });
});

test('what a client said before the server had greeted is not lost', async () => {
  let greet: () => void = () => {};
  await using server = await startScript({
    greeting: [],
    isMute: true,
    onConnection: (peer) => {
      greet = () => peer.send(frame(4, 0, 0));
    },
    onRequest: (peer, id) => peer.reply(id),
  });
  await withProxy(server.port, async (proxy) => {
    using client = await connectFrames(proxy.port, GREETING);
    client.send(frame(1, 5, 1, '838684'));
    await until('the server has it', () => server.peers.length === 1);
    assert.equal(client.frames.length, 0);
    greet();
    await until('the answer', () => client.frames.filter(({ type }) => type === 1).length === 2);
    client.socket.destroy();
  });
});

test('the server dies in the middle of streams: UNAVAILABLE for each, and the client stays well', async () => {
  await using server = await startScript({
    onRequest(peer, id) {
      if (peer.nth > 0) peer.reply(id);
      else peer.send(replyHead(id), message(id));
      if (peer.nth === 0 && peer.streams.length === 3) peer.socket.resetAndDestroy();
    },
  });
  await withProxy(server.port, async (proxy, lost) => {
    using client = createChatClient(`127.0.0.1:${proxy.port}`);
    const chats = [client.chat(), client.chat(), client.chat()];
    const ends = await Promise.all(chats.map(({ status }) => status));
    assert.deepEqual(
      ends.map(({ code }) => code),
      [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE],
    );
    assert.equal(proxy.counters.callsLost, 3);
    await until('it is told', () => /ECONNRESET|closed/.test(lost[0] ?? ''));
    // The next call has a connection of its own, to a server that is back.
    await until('it connects again', async () => (await client.say('hi')).code === 0);
  });
});

test('the server dies and its client neither reads nor closes: it is let go of', async () => {
  await using server = await startScript({
    onRequest: (peer) => peer.socket.resetAndDestroy(),
  });
  await withProxy(
    server.port,
    async (proxy) => {
      using client = await connectFrames(proxy.port, GREETING);
      client.send(frame(1, 4, 1, '838684'));
      await until('it is closed', () => client.socket.destroyed);
      // Its call was ended, which it had not half-closed, and it was told of the end.
      assert.ok(client.frames.some(({ type, flags }) => type === 1 && (flags & 1) === 1));
      assert.equal(client.goawayCode, 0);
    },
    100,
  );
});

test('the client vanishes: its calls are cancelled at the server, and its connection goes', async () => {
  const resets: number[] = [];
  let isClosed = false;
  await using server = await startScript({
    onConnection: ({ socket }) => void socket.once('close', () => (isClosed = true)),
    onFrame(_peer, type, _id, payload) {
      if (type === 3) resets.push(payload.readUInt32BE(0));
    },
  });
  await withProxy(server.port, async (proxy, lost) => {
    using client = await connectFrames(proxy.port, GREETING);
    client.send(frame(1, 4, 1, '838684'), frame(1, 4, 3, '838684'));
    await until('the calls are there', () => server.peers[0]?.streams.length === 2);
    client.socket.resetAndDestroy();
    await until('the server’s connection is closed', () => isClosed);
    assert.deepEqual([resets, lost], [[8, 8], []]);
  });
});
