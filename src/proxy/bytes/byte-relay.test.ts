/** The relay between plain sockets: octets, ends, failures, backpressure; and which connections faults hit. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { type ByteProxy, startByteProxy } from '../../../test/support/byte-proxy.js';
import { until } from '../../../test/support/until.js';
import { createCertificate } from '../../targets/certificate.js';

const MIB = 1_048_576;

interface Line extends Disposable {
  readonly client: Socket;
  readonly server: Socket;
  readonly proxy: ByteProxy;
}

/** A client and a server with the relay in between. */
async function connectLine(): Promise<Line> {
  const listening = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const proxy = await startByteProxy((listening.address() as AddressInfo).port);
  const client = connect({ port: proxy.front.port, host: '127.0.0.1', allowHalfOpen: true });
  const [server] = (await once(listening, 'connection')) as [Socket];
  listening.close();
  return {
    client,
    server,
    proxy,
    [Symbol.dispose]() {
      client.destroy();
      server.destroy();
      proxy[Symbol.dispose]();
    },
  };
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Of all that comes until the end. */
async function digestOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  socket.on('data', (chunk: Buffer) => hash.update(chunk));
  await once(socket, 'end');
  return hash.digest('hex');
}

test('half-closes pass, each direction ends by itself, and octets are counted', async () => {
  using line = await connectLine();
  const up = randomBytes(3 * MIB);
  const down = randomBytes(2 * MIB);
  line.client.end(up);
  assert.equal(await digestOf(line.server), digest(up));
  const received = digestOf(line.client);
  line.server.end(down);
  assert.equal(await received, digest(down));
  await until('the end', () => line.proxy.ends.length === 1);
  assert.deepEqual(line.proxy.ends, [{ bytesUp: 3 * MIB, bytesDown: 2 * MIB }]);
  await until('nothing to be left', () => line.proxy.front.connectionCount === 0);
});

test('a reset of either side is one for the other', async () => {
  for (const [from, to] of [
    ['client', 'server'],
    ['server', 'client'],
  ] as const) {
    using line = await connectLine();
    line.client.on('error', () => {});
    line.server.on('error', () => {});
    line[from].write('x');
    await once(line[to], 'data');
    const failed = once(line[to], 'error');
    line[from].resetAndDestroy();
    assert.equal(((await failed)[0] as NodeJS.ErrnoException).code, 'ECONNRESET');
    await until('the end', () => line.proxy.ends.length === 1);
    const reason = from === 'server' ? /the server's connection failed: .*ECONNRESET/ : /^none$/;
    assert.match(line.proxy.ends[0]?.reason ?? 'none', reason);
  }
});

test('a server that is not there: the client is closed, and the reason told', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  taken.close();
  using proxy = await startByteProxy(port);
  const client = connect(proxy.front.port, '127.0.0.1');
  client.on('error', () => {});
  client.write('hello?');
  await once(client, 'close');
  await until('the end', () => proxy.ends.length === 1);
  assert.match(proxy.ends[0]?.reason ?? '', /the server cannot be reached: .*ECONNREFUSED/);
  await until('nothing to be left', () => proxy.front.connectionCount === 0);
});

test('one who does not read stops the other: next to nothing waits in the relay', async () => {
  for (const from of ['client', 'server'] as const) {
    using line = await connectLine();
    const to = from === 'client' ? line.server : line.client;
    const relay = [...line.proxy.relays][0];
    const carried = () => (from === 'client' ? relay?.bytesUp : relay?.bytesDown) ?? 0;
    to.pause();
    const sent = randomBytes(MIB);
    // More than the system keeps for four sockets.
    const total = 48;
    let taken = 0;
    for (let i = 0; i < total; i++) line[from].write(sent, () => taken++);
    let before = -1;
    await until('it to stand still', async () => {
      const isStill = carried() === before && before > 0;
      before = carried();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return isStill;
    });
    assert.ok(taken < total, 'whoever sends has to wait');
    let received = 0;
    to.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    to.resume();
    await until('all of it', () => received === total * MIB);
  }
});

test('TLS passes unseen, and is not broken by slices', async () => {
  const { cert, key } = createCertificate();
  const server = createTlsServer({ cert, key }, (socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  using proxy = await startByteProxy((server.address() as AddressInfo).port);
  proxy.begin('tcp-slice', { size: '100B', variation: '90B' });
  const client = connectTls({
    port: proxy.front.port,
    host: '127.0.0.1',
    ca: cert,
    servername: 'localhost',
  });
  const sent = randomBytes(50_000);
  client.end(sent);
  assert.equal(await digestOf(client), digest(sent));
  server.close();
  await once(server, 'close');
});

test('a share hits the same connections each time, a count the first ones', async () => {
  const isReset = async (share: object): Promise<number[]> => {
    const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket));
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    using proxy = await startByteProxy((echo.address() as AddressInfo).port);
    proxy.begin('tcp-reset', {}, share);
    const outcomes: number[] = [];
    for (let number = 0; number < 16; number++) {
      const client = connect(proxy.front.port, '127.0.0.1');
      client.on('error', () => {});
      client.write('x');
      const isAnswered = await new Promise((resolve) => {
        client.once('data', () => resolve(true));
        client.once('close', () => resolve(false));
      });
      if (!isAnswered) outcomes.push(number);
      client.destroy();
    }
    const { hit, seen } = Object.values(proxy.front.faults.takeCounts())[0] ?? {};
    assert.deepEqual({ hit, seen }, { hit: outcomes.length, seen: 16 });
    echo.close();
    return outcomes;
  };
  const half = await isReset({ share: 0.5 });
  assert.ok(half.length > 2 && half.length < 14, String(half));
  assert.deepEqual(await isReset({ share: 0.5 }), half);
  assert.deepEqual(await isReset({ count: 3 }), [0, 1, 2]);
  assert.deepEqual(await isReset({ share: 0.5, count: 2 }), half.slice(0, 2));
});
