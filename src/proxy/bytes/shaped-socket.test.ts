/** Shaped sockets with real ones: what a client and a holder see of each other through them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls';
import { until } from '../../../test/support/until.js';
import { createRng } from '../../base/rng.js';
import type { Direction, StreamEffect } from '../../faults/byte-effect.js';
import { createCertificate } from '../../targets/certificate.js';
import { ShapedSocket } from './shaped-socket.js';

const MIB = 1_048_576;
const LONG_NS = 3_600e9;
const random = createRng(1, 'test');

interface Both extends Disposable {
  readonly client: Socket;
  /** The socket that was accepted. */
  readonly socket: Socket;
  readonly held: ShapedSocket;
  /** What the client was told, and what the holder was. */
  readonly seen: { readonly client: string[]; readonly held: string[] };
  readonly received: { client: string; held: string };
  readonly gone: () => number;
  shape(direction: Direction, effect: object): () => void;
}

/** A client and the shaped socket that its connection became. */
async function connectBoth(): Promise<Both> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  let gone = 0;
  const held = new ShapedSocket(socket, { onGone: () => void gone++ });
  const seen: Both['seen'] = { client: [], held: [] };
  const received = { client: '', held: '' };
  held.open((count, buffer) => {
    received.held += Buffer.from(buffer.subarray(0, count)).toString('latin1');
    return true;
  });
  client.on('data', (chunk) => {
    received.client += chunk.toString('latin1');
  });
  for (const [name, end] of [
    ['client', client],
    ['held', held],
  ] as const) {
    end.on('error', (error: NodeJS.ErrnoException) => seen[name].push(`error ${error.code}`));
    for (const event of ['end', 'close']) end.on(event, () => seen[name].push(event));
  }
  held.resume();
  return {
    client,
    socket,
    held,
    seen,
    received,
    gone: () => gone,
    shape: (direction, effect) => held.shape(direction, effect as StreamEffect, random),
    [Symbol.dispose]() {
      client.destroy();
      held.cut();
    },
  };
}

/** A round trip of octets, in both directions: whatever was on its way before has come. */
async function echo({ client, held, received }: Both, text: string): Promise<void> {
  client.write(text);
  await until(`${text} at the holder`, () => received.held.endsWith(text));
  held.write(Buffer.from(text));
  await until(`${text} at the client`, () => received.client.endsWith(text));
}

const BLACKHOLE = { effect: 'blackhole', drops: false };

describe('a shaped socket', () => {
  test('is a socket while nothing is done to it: octets, half-closes, the end', async () => {
    using both = await connectBoth();
    await echo(both, 'hello');
    assert.equal(both.held.heldBytes, 0);
    both.client.end();
    await until('the end', () => both.seen.held.includes('end'));
    both.held.write(Buffer.from(', still'));
    both.held.end();
    await until('both ends', () => both.gone() === 1);
    assert.equal(both.received.client, 'hello, still');
    assert.deepEqual(both.seen, { client: ['end', 'close'], held: ['end', 'close'] });
  });

  test('a fault on an open connection begins and ends without a trace', async () => {
    using both = await connectBoth();
    await echo(both, 'before');
    const ends = [
      both.shape('up', BLACKHOLE),
      both.shape('up', { effect: 'slice', bytes: 2, variationBytes: 1, gapNs: LONG_NS }),
      both.shape('down', { effect: 'latency', delayNs: LONG_NS, jitterNs: 0 }),
    ];
    both.client.write('one');
    both.held.write(Buffer.from('two'));
    await until('the octets to come in', () => both.held.heldBytes === 6);
    both.client.write('three');
    await until('more', () => both.held.heldBytes === 11);
    assert.deepEqual(both.received, { client: 'before', held: 'before' });
    for (const end of ends) end();
    await echo(both, 'after');
    assert.deepEqual(both.received, { client: 'beforetwoafter', held: 'beforeonethreeafter' });
    assert.equal(both.held.heldBytes, 0);
  });

  test('a cut is a RST for the client and a reset for the holder, at once, idle or not', async () => {
    using both = await connectBoth();
    await echo(both, 'x');
    both.shape('down', { effect: 'latency', delayNs: LONG_NS, jitterNs: 0 });
    let isDone = false;
    both.held.write(Buffer.from('never'), () => {
      isDone = true;
    });
    both.held.cut();
    await until('both to know', () => both.gone() === 1 && both.seen.client.includes('close'));
    assert.deepEqual(both.seen.client, ['error ECONNRESET', 'close']);
    assert.deepEqual(both.seen.held, ['error ECONNRESET', 'close']);
    assert.ok(isDone, 'whoever wrote has its memory back');
    assert.equal(both.received.client, 'x');
  });

  test('a cut of TLS is one of the TCP below it', async () => {
    const { cert, key } = createCertificate();
    const server = createServer((raw) => {
      const tls = new TLSSocket(raw, {
        isServer: true,
        secureContext: createSecureContext({ cert, key }),
      });
      const held = new ShapedSocket(tls, { raw });
      held.on('error', () => {});
      held.open((count) => {
        assert.equal(count, 5);
        held.cut();
        return true;
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connectTls({ port, host: '127.0.0.1', ca: cert, servername: 'localhost' });
    client.write('hello');
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
    server.close();
    await once(server, 'close');
  });

  test('in the dark neither side learns that the other closed, nor how, before it ends', async () => {
    for (const direction of ['up', 'down'] as const) {
      using both = await connectBoth();
      await echo(both, 'x');
      const over = both.shape(direction, BLACKHOLE);
      if (direction === 'up') both.client.resetAndDestroy();
      else both.held.destroy(new Error('gave up'));
      const [closed, other] =
        direction === 'up' ? (['client', 'held'] as const) : (['held', 'client'] as const);
      await until('its own close', () => both.seen[closed].includes('close'));
      if (direction === 'up') await until('the reset to come', () => both.socket.closed);
      else assert.equal(both.socket.destroyed, false, 'nothing is sent');
      assert.deepEqual(both.seen[other], []);
      assert.equal(both.gone(), 0);
      over();
      await until('the other side to know', () => both.seen[other].includes('close'));
      assert.deepEqual(both.seen[other], ['error ECONNRESET', 'close']);
      await until('nobody to have it', () => both.gone() === 1);
    }
  });

  test('a connection that lost octets stays silent, and closes all the same', async () => {
    using both = await connectBoth();
    const over = both.shape('up', { effect: 'blackhole', drops: true });
    both.client.write('lost');
    both.held.write(Buffer.from('one way'));
    await until('the other way', () => both.received.client === 'one way');
    over();
    both.client.write('more');
    both.held.write(Buffer.from('more'));
    both.client.end();
    await until('its end', () => both.seen.held.includes('end'));
    both.held.end();
    await until('the end of it', () => both.gone() === 1);
    assert.deepEqual(both.received, { client: 'one way', held: '' });
  });

  test('slow-close holds back the end and nothing else', async () => {
    using both = await connectBoth();
    const over = both.shape('down', { effect: 'slow-close', delayNs: LONG_NS });
    both.held.write(Buffer.from('bye'));
    both.held.end();
    await until('the octets', () => both.received.client === 'bye');
    both.client.write('open');
    await until('the other direction', () => both.received.held === 'open');
    assert.deepEqual(both.seen.client, []);
    assert.deepEqual([both.held.writableEnded, both.held.writableFinished], [true, false]);
    over();
    await until('the end', () => both.seen.client.includes('end'));
    await until('finish', () => both.held.writableFinished);
  });

  test('close-after: the client has its octets and a FIN, though it sends all the time', async () => {
    using both = await connectBoth();
    both.shape('down', { effect: 'close-after', bytes: 4 });
    const flood = setInterval(() => both.client.writable && both.client.write('.'), 1);
    both.held.write(Buffer.from('four and more'));
    both.held.write(Buffer.from(', and more'));
    await until('the end', () => both.seen.client.includes('end'));
    clearInterval(flood);
    assert.equal(both.received.client, 'four');
    assert.deepEqual(both.seen.client, ['end']);
    await until('the holder to know', () => both.seen.held.includes('end'));
    both.client.end();
    await until('the close', () => both.seen.held.includes('close'));
    assert.equal(both.gone(), 1);
  });

  test('what a fault holds is bounded: the client is not read beyond', async () => {
    using both = await connectBoth();
    const over = both.shape('up', BLACKHOLE);
    let isAllTaken = false;
    // More than the system keeps for a socket on its way.
    both.client.write(Buffer.alloc(32 * MIB, 'x'), () => {
      isAllTaken = true;
    });
    await until('it to be full', () => both.socket.isPaused());
    assert.ok(both.held.heldBytes < MIB / 2, `${both.held.heldBytes} octets are held`);
    assert.equal(isAllTaken, false);
    over();
    await until('all of it', () => both.received.held.length === 32 * MIB);
  });

  test('a holder that pauses is handed nothing, whether or not a fault holds octets', async () => {
    using both = await connectBoth();
    const over = both.shape('up', BLACKHOLE);
    both.client.write('held');
    await until('it to come', () => both.held.heldBytes === 4);
    both.held.pause();
    over();
    assert.equal(both.received.held, '');
    both.client.write(' and more');
    both.held.resume();
    await until('all', () => both.received.held === 'held and more');
    assert.equal(both.held.heldBytes, 0);
  });
});
