/** A proxy with TLS on either side, both or none: calls are the same, and so is what the server reads. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { channelOf, createWitness, startCall } from '../../test/support/call-witness.js';
import { type Behaviour, framed, reply, startHttp2Peer } from '../../test/support/http2-peer.js';
import { until } from '../../test/support/until.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import { createCertificate } from '../targets/certificate.js';
import { type ProxyOptions, startProxy } from './proxy.js';
import { upstreamTls } from './upstream-tls.js';

const DRIVERS = ['grpc-js', 'wire'] as const;
const ECHO = '/chat.ChatService/Chat';
/** Of clients and of the server: each is trusted by nobody but its own peer. */
const LISTEN = createCertificate();
const UPSTREAM = createCertificate();

const upstreamOf = (address: string, isSecure: boolean, ca = UPSTREAM.cert) => {
  const where = { host: '127.0.0.1', port: Number(address.split(':')[1]) };
  return isSecure ? { ...where, tls: upstreamTls('127.0.0.1', { ca }) } : where;
};

async function proxyTo(
  address: string,
  options: Partial<ProxyOptions> & { readonly isUpstreamSecure: boolean },
) {
  const { isUpstreamSecure, ...rest } = options;
  const upstream = upstreamOf(address, isUpstreamSecure);
  const proxy = await startProxy({ host: '127.0.0.1', port: 0, upstream, ...rest });
  return { ...proxy, [Symbol.dispose]: () => proxy.close() };
}

/** Says back what it hears, and keeps the schemes that it read. */
function echoing(schemes: (string | undefined)[]): Behaviour {
  return (stream, _nth, headers) => {
    schemes.push(headers[':scheme']);
    if (headers[':path'] !== ECHO) {
      reply(stream, framed(3), '0');
      return;
    }
    const head = { ':status': 200, 'content-type': 'application/grpc' };
    stream.respond(head, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.pipe(stream);
  };
}

for (const isListenSecure of [false, true]) {
  for (const isUpstreamSecure of [false, true]) {
    const word = (isSecure: boolean) => (isSecure ? 'TLS' : 'cleartext');
    describe(`${word(isListenSecure)} to clients, ${word(isUpstreamSecure)} to the server`, () => {
      for (const driver of DRIVERS) {
        test(`${driver}: calls and streams, and the scheme that the server expects`, async () => {
          const schemes: (string | undefined)[] = [];
          const secure = isUpstreamSecure ? UPSTREAM : undefined;
          await using peer = await startHttp2Peer(echoing(schemes), {}, secure);
          const certificate = isListenSecure ? LISTEN : undefined;
          using proxy = await proxyTo(peer.address, { isUpstreamSecure, certificate });
          const spec = clientSchema.parse({ driver });
          const tls = isListenSecure ? { tls: { ca: LISTEN.cert } } : {};
          using client = createDriver([`127.0.0.1:${proxy.port}`], { ...spec, ...tls });
          await client.ready(5_000);
          // One head is decoded, the same again is known, and from then on sent from a template.
          for (let call = 0; call < 4; call++) {
            assert.equal((await startCall(client, 5_000).ended).status, 'OK');
          }
          const { ticket, ended } = createWitness();
          let heardBytes = 0;
          const stream = channelOf(client).stream(ECHO, ticket, 5e9, {}, (_, start, end) => {
            heardBytes += end - start;
          });
          for (let sent = 0; sent < 5; sent++) stream.write(Buffer.alloc(300_000));
          stream.finish();
          assert.equal((await ended).status, 'OK');
          assert.equal(heardBytes, 5 * 300_000);
          assert.deepEqual(schemes, new Array(5).fill(isUpstreamSecure ? 'https' : 'http'));
          const [connection, ...others] = proxy.connections();
          assert.deepEqual(others, []);
          assert.match(connection?.peer ?? '', /^127\.0\.0\.1:\d+$/);
          assert.equal(connection?.callCount, 0);
        });
      }
    });
  }
}

/** Some are told by an alert, which is an error. */
const closed = (socket: Socket) =>
  new Promise((resolve) =>
    socket
      .on('error', () => {})
      .resume()
      .once('close', resolve),
  );

const UNHEARD = 'nobody gets as far as a call';
const silent: Behaviour = () => assert.fail(UNHEARD);

test('clients that do not get through TLS are cut off, each with a reason', async () => {
  await using peer = await startHttp2Peer(silent);
  const reasons: string[] = [];
  using proxy = await proxyTo(peer.address, {
    isUpstreamSecure: false,
    certificate: LISTEN,
    onRefused: (reason) => reasons.push(reason),
  });
  const { port } = proxy;
  const clients = [
    [() => connect(port, '127.0.0.1').end('PRI * HTTP/2.0\r\n\r\n'), /did not get through TLS/],
    [
      () => tlsConnect({ port, host: '127.0.0.1', ca: LISTEN.cert }),
      /did not agree on HTTP\/2 \(ALPN h2\)/,
    ],
    [
      () => tlsConnect({ port, host: '127.0.0.1', ca: LISTEN.cert, ALPNProtocols: ['http/1.1'] }),
      /did not get through TLS/,
    ],
  ] as const;
  for (const [open, reason] of clients) {
    const socket = open();
    await closed(socket);
    await until(String(reason), () => reasons.some((text) => reason.test(text)));
    assert.match(reasons.splice(0).join('\n'), new RegExp(`^127.0.0.1:\\d+ ${reason.source}`));
  }
  assert.equal(proxy.counters.connectionsAccepted, 0);
});

test('a proxy that closes leaves no half of a handshake behind', async () => {
  await using peer = await startHttp2Peer(silent);
  const proxy = await proxyTo(peer.address, { isUpstreamSecure: false, certificate: LISTEN });
  const socket = connect(proxy.port, '127.0.0.1');
  await once(socket, 'connect');
  // The system accepts before Node does.
  await new Promise(setImmediate);
  proxy.close();
  await closed(socket);
});

test('a server whose certificate is not trusted: the client gets UNAVAILABLE, the user a reason', async () => {
  await using peer = await startHttp2Peer(silent, {}, UPSTREAM);
  const reasons: string[] = [];
  using proxy = await proxyTo(peer.address, {
    isUpstreamSecure: true,
    upstream: upstreamOf(peer.address, true, LISTEN.cert),
    onLost: (reason) => reasons.push(reason),
  });
  const address = `127.0.0.1:${proxy.port}`;
  using client = createDriver([address], clientSchema.parse({ driver: 'grpc-js' }));
  assert.equal((await startCall(client, 5_000).ended).status, 'UNAVAILABLE');
  await until('a reason', () => reasons.length > 0);
  assert.equal(reasons[0], "the peer's certificate is not trusted");
});
