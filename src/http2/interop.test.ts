/** Against Node's own HTTP/2, over real sockets, each end in both roles. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import {
  type AddressInfo,
  createServer as createNetServer,
  type LookupFunction,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import {
  createRecorder,
  REQUEST,
  RESPONSE,
  type Recorder,
  TRAILERS,
} from '../../test/support/http2-pair.js';
import { deferred } from '../base/deferred.js';
import type { ConnectionHandler, ConnectionOptions } from './connection-options.js';
import { fieldValue } from './header-field.js';
import {
  acceptTransport,
  connectTransport,
  type SocketTransport,
  type TransportAddress,
} from './socket-transport.js';

const MEGABYTE = 1024 * 1024;
const digest = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');

/** Ten megabytes that do not repeat with any frame. */
const LARGE = Buffer.from(
  Uint32Array.from({ length: (10 * MEGABYTE) / 4 }, (_, i) => i * 2_654_435).buffer,
);

function listening(server: { listen(port: number, host: string): unknown; address(): unknown }) {
  server.listen(0, '127.0.0.1');
  return once(server as Http2Server, 'listening').then(
    () => (server.address() as AddressInfo).port,
  );
}

/** A client of ours, connected. */
async function ourClient(
  address: TransportAddress,
  also: Partial<ConnectionHandler> = {},
  options: Partial<ConnectionOptions> = {},
) {
  const recorder = createRecorder(also);
  const opened = deferred<void>();
  const closed = deferred<Error | undefined>();
  const transport = connectTransport(address, options, recorder, {
    onOpen: () => opened.resolve(),
    onClose: (error) => {
      opened.reject(error);
      closed.resolve(error);
    },
  });
  await opened.promise;
  const close = async () => {
    transport.connection.close();
    await closed.promise;
  };
  return { transport, connection: transport.connection, recorder, closed: closed.promise, close };
}

/** A server of ours that echoes bodies; its handler may be extended. */
function echoHandler(
  transport: () => SocketTransport,
  also: Partial<ConnectionHandler> = {},
): Recorder {
  return createRecorder({
    onHeaders(id, block, end, slot) {
      also.onHeaders?.(id, block, end, slot);
      const { connection } = transport();
      if (block.kind === 'request') connection.sendHeaders(id, RESPONSE, false);
      if (end) connection.sendHeaders(id, TRAILERS, true);
    },
    onData(id, bytes, start, stop, end) {
      const { connection } = transport();
      connection.write(id, Buffer.from(bytes.subarray(start, stop)), false);
      if (end) connection.sendHeaders(id, TRAILERS, true);
    },
  });
}

function accept(socket: Socket, also: Partial<ConnectionHandler> = {}, onClose = () => {}) {
  const holder: { transport?: SocketTransport } = {};
  const handler = echoHandler(() => holder.transport as SocketTransport, also);
  holder.transport = acceptTransport(socket, {}, handler, { onClose });
  return { transport: holder.transport, recorder: handler };
}

async function nodeServer(onStream: (stream: ServerHttp2Stream) => void, options = {}) {
  const server = createServer(options);
  server.on('stream', onStream);
  server.on('sessionError', () => {});
  const port = await listening(server);
  return { server, port };
}

/** One call of Node's client: its reply in one go. */
function nodeCall(session: ClientHttp2Session, body: Uint8Array) {
  const stream = session.request({ ':method': 'POST', ':path': '/a/b', te: 'trailers' });
  const reply = deferred<{ status: unknown; trailer: unknown; body: Buffer }>();
  const chunks: Buffer[] = [];
  let status: unknown;
  let trailer: unknown;
  stream.on('response', (headers) => {
    status = headers[':status'];
  });
  stream.on('trailers', (headers) => {
    trailer = headers['grpc-status'];
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => reply.resolve({ status, trailer, body: Buffer.concat(chunks) }));
  stream.on('error', (error) => reply.reject(error));
  stream.end(body);
  return reply.promise;
}

test('our client: many small calls from a template, to Node’s server', async () => {
  const { server, port } = await nodeServer(
    (stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.pipe(stream);
    },
    { paddingStrategy: 1 },
  );
  const done = deferred();
  let left = 2_000;
  let started = 0;
  const client = await ourClient(
    { host: '127.0.0.1', port },
    {
      onStreamEnd() {
        if (--left === 0) done.resolve();
        else if (started < 2_000) call();
      },
    },
  );
  const template = client.connection.template({
    headers: REQUEST,
    varying: ['squall-call'],
    body: Buffer.from('0000000003010203', 'hex'),
    endStream: true,
  });
  const call = () => {
    assert.ok(client.connection.startTemplate(template, [`${started++}.0`]) > 0);
  };
  for (let i = 0; i < 50; i++) call();
  await done.promise;
  const { events, bodies } = client.recorder;
  assert.equal(events.filter((event) => event.endsWith('trailers end')).length, 2_000);
  assert.ok(bodies.values().every((body) => body.toString('hex') === '0000000003010203'));
  await client.close();
  server.close();
});

test('our client: ten megabytes there and back through Node’s windows', async () => {
  const { server, port } = await nodeServer((stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  const done = deferred();
  const client = await ourClient(
    { host: '127.0.0.1', port },
    { onStreamEnd: () => done.resolve() },
  );
  const id = client.connection.start(REQUEST, false);
  client.connection.write(id, LARGE, true);
  assert.ok(client.connection.queuedBytes > 9 * MEGABYTE);
  await done.promise;
  assert.equal(digest(client.recorder.bodies.get(id) ?? Buffer.of()), digest(LARGE));
  await client.close();
  server.close();
});

test('our client: 1xx, RST_STREAM, GOAWAY and PING of Node’s server', async () => {
  const { server, port } = await nodeServer((stream) => {
    stream.on('error', () => {});
    stream.additionalHeaders({ ':status': 103 });
    if (stream.id === 1) stream.close(11);
    else {
      stream.respond({ ':status': 200 }, { endStream: true });
      stream.session?.goaway(0, stream.id, Buffer.from('bye'));
    }
  });
  const idle = deferred();
  const client = await ourClient({ host: '127.0.0.1', port }, { onIdle: () => idle.resolve() });
  const pong = deferred<number>();
  client.connection.ping(pong.resolve);
  client.connection.start(REQUEST, true);
  client.connection.start(REQUEST, true);
  assert.ok((await pong.promise) > 0);
  await idle.promise;
  const { events } = client.recorder;
  await client.close();
  server.close();
  // Of stream 1 only the reset is sure: Node 24 drops what it has not sent of a stream that it resets.
  for (const event of ['headers 3 103', 'reset 1 11 peer', 'headers 3 200 end', 'goaway 3 0']) {
    assert.ok(events.includes(event), `${event} is among ${events.join(', ')}`);
  }
});

test('our client: a reset reaches Node’s server, and the rest goes on', async () => {
  const cancelled = deferred<number>();
  const { server, port } = await nodeServer((stream) => {
    stream.on('error', () => {});
    if (stream.id === 1) stream.on('close', () => cancelled.resolve(stream.rstCode));
    else stream.respond({ ':status': 200 }, { endStream: true });
  });
  const done = deferred();
  const client = await ourClient(
    { host: '127.0.0.1', port },
    {
      onStreamEnd: (id) => {
        if (id === 3) done.resolve();
      },
    },
  );
  client.connection.start(REQUEST, false);
  client.transport.flush();
  client.connection.reset(1, 8);
  client.connection.start(REQUEST, true);
  await done.promise;
  assert.equal(await cancelled.promise, 8);
  await client.close();
  server.close();
});

test('our server: many calls, ten megabytes, padding and trailers with Node’s client', async () => {
  const closed = deferred();
  const server = createNetServer((socket) => accept(socket, {}, closed.resolve));
  const port = await listening(server);
  const session = connect(`http://127.0.0.1:${port}`, { paddingStrategy: 1 });
  const small = Array.from({ length: 300 }, (_, i) => nodeCall(session, Buffer.from(`call ${i}`)));
  const large = nodeCall(session, LARGE);
  const replies = await Promise.all(small);
  replies.forEach(({ status, trailer, body }, i) => {
    assert.deepEqual([status, trailer, body.toString()], [200, '0', `call ${i}`]);
  });
  assert.equal(digest((await large).body), digest(LARGE));
  session.close();
  await closed.promise;
  server.close();
});

test('our server: resets, refusals and a graceful end, as Node’s client sees them', async () => {
  const holder: { transport?: SocketTransport } = {};
  const server = createNetServer((socket) => {
    holder.transport = accept(socket, {
      onHeaders(id, block) {
        const { connection } = holder.transport as SocketTransport;
        if (fieldValue(block.fields, 'x') === 'reset') connection.reset(id, 7);
        else if (block.kind === 'request') connection.shutdown();
      },
      onIdle: () => holder.transport?.connection.close(),
    }).transport;
  });
  const port = await listening(server);
  const session = connect(`http://127.0.0.1:${port}`);
  const refused = session.request({ ':method': 'POST', ':path': '/', x: 'reset' });
  const [error] = await once(refused, 'error');
  assert.match(String(error), /REFUSED_STREAM/);
  const goaway = once(session, 'goaway');
  const gone = once(session, 'close');
  const last = nodeCall(session, Buffer.from('last'));
  assert.equal((await last).body.toString(), 'last');
  assert.equal((await goaway)[0], 0);
  await gone;
  server.close();
});

test('our server refuses what is not HTTP/2, with GOAWAY, and closes', async () => {
  const closed = deferred();
  const server = createNetServer((socket) => accept(socket, {}, closed.resolve));
  const port = await listening(server);
  const client = await ourClient({ host: '127.0.0.1', port });
  client.transport.socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  const error = await client.closed;
  assert.equal(error, undefined);
  assert.deepEqual(client.recorder.events.at(0)?.slice(0, 8), 'goaway 0');
  await closed.promise;
  server.close();
});

test('ours to ours over a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-'));
  const path = join(folder, 's');
  const server = createNetServer((socket) => accept(socket));
  server.listen(path);
  await once(server, 'listening');
  const done = deferred();
  const client = await ourClient({ path }, { onStreamEnd: () => done.resolve() });
  const id = client.connection.start(REQUEST, false);
  client.connection.write(id, LARGE, true);
  await done.promise;
  assert.equal(digest(client.recorder.bodies.get(id) ?? Buffer.of()), digest(LARGE));
  await client.close();
  server.close();
  rmSync(folder, { recursive: true });
});

const PING_PAYLOAD = Buffer.alloc(8);

test('a peer that does not read: the transport says so, and holds what it must', async () => {
  const stalled = deferred<Socket>();
  const server = createNetServer((socket) => {
    socket.pause();
    stalled.resolve(socket);
  });
  const port = await listening(server);
  const drained = deferred();
  const recorder = createRecorder();
  const transport = connectTransport({ host: '127.0.0.1', port }, {}, recorder, {
    onOpen() {
      const chunk = Buffer.alloc(MEGABYTE);
      // Answers to PING stand in for traffic that no window bounds.
      for (let i = 0; i < 40 && !transport.isCongested; i++) {
        transport.socket.write(chunk);
        for (let k = 0; k < 40_000; k++) transport.connection.answerPing(PING_PAYLOAD);
        transport.flush();
      }
      assert.ok(transport.isCongested && transport.pendingBytes > MEGABYTE);
    },
    onDrain: () => drained.resolve(),
    onClose: () => {},
  });
  (await stalled.promise).resume();
  await drained.promise;
  assert.equal(transport.isCongested, false);
  transport.destroy();
  server.close();
});

test('a server that is not there: closed with the reason, once', async () => {
  const closed = deferred<Error | undefined>();
  const recorder = createRecorder();
  connectTransport({ path: join(tmpdir(), 'squall-no-such-socket') }, {}, recorder, {
    onClose: closed.resolve,
  });
  assert.match(String(await closed.promise), /ENOENT/);
  assert.deepEqual(recorder.events, ['closed']);
});

/** A certificate for localhost, made for this test; undefined where openssl is not installed. */
function selfSigned(): { key: string; cert: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'squall-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const what = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${key} -out ${cert}`;
  try {
    execFileSync('openssl', what.split(/\s+/), { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const toLoopback: LookupFunction = (_host, { all }, done) => {
  if (all) done(null, [{ address: '127.0.0.1', family: 4 }]);
  else done(null, '127.0.0.1', 4);
};

const certificate = selfSigned();
const skip = certificate === undefined && 'needs openssl';

test('TLS with ALPN, both ways, and a server that does not agree on h2', { skip }, async () => {
  const { key, cert } = certificate ?? { key: '', cert: '' };
  const tls = { ca: cert, servername: 'localhost' };
  const theirs = createSecureServer({ key, cert });
  theirs.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  const theirPort = await listening(theirs);
  const done = deferred();
  const address = { host: '127.0.0.1', port: theirPort, tls };
  const client = await ourClient(address, { onStreamEnd: () => done.resolve() });
  const id = client.connection.start(REQUEST, false);
  client.connection.write(id, LARGE, true);
  await done.promise;
  assert.equal(digest(client.recorder.bodies.get(id) ?? Buffer.of()), digest(LARGE));
  await client.close();
  theirs.close();

  const ours = createTlsServer({ key, cert, ALPNProtocols: ['h2'] }, (socket) => accept(socket));
  const ourPort = await listening(ours);
  const session = connect(`https://localhost:${ourPort}`, { ca: cert, lookup: toLoopback });
  assert.equal((await nodeCall(session, Buffer.from('x'))).body.toString(), 'x');
  session.close();
  ours.close();

  const old = createTlsServer({ key, cert }, () => {});
  const oldPort = await listening(old);
  await assert.rejects(ourClient({ host: '127.0.0.1', port: oldPort, tls }), /ALPN/);
  old.close();
});
