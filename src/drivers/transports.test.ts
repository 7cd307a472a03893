/**
 * Every driver on every server over every way to reach it: TCP and unix sockets, in cleartext and over
 * TLS. What calls come to must not depend on it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { channelOf, createWitness, startCall } from '../../test/support/call-witness.js';
import { startTestTarget } from '../../test/support/target.js';
import { encodeChatMessage } from '../calls/chat-codec.js';
import { type Certificate, createCertificate } from '../targets/certificate.js';
import { createSocketFolder, type SocketFolder } from '../targets/socket-folder.js';
import { SERVER_KINDS, type ServerKind } from '../targets/spec.js';
import { startTarget, type Target } from '../targets/target-server.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { Driver } from './driver.js';
import type { ClientSpec } from './spec.js';

const DRIVERS = ['grpc-js', 'wire'] as const;
const CHAT_METHOD = '/chat.ChatService/Chat';

function specOf(driver: ClientSpec['driver'], ca?: string): ClientSpec {
  const spec = clientSchema.parse({ driver });
  return ca === undefined ? spec : { ...spec, tls: { ca } };
}

/** What a call came to, and on which backend its attempt was seen. */
async function backendOf(client: Driver): Promise<string> {
  const { ticket, ended } = createWitness();
  let seen = '';
  const { owner } = ticket;
  const witnessed = Object.create(ticket, {
    owner: {
      value: {
        ...owner,
        attemptStarted(of: typeof ticket, backend: string, kind: 'first') {
          seen = backend;
          owner.attemptStarted(of, backend, kind);
        },
      },
    },
  }) as typeof ticket;
  channelOf(client).unary('/chat.ChatService/None', Buffer.alloc(0), witnessed, 5e9);
  assert.equal((await ended).status, 'UNIMPLEMENTED');
  return seen;
}

interface Way {
  readonly name: string;
  readonly isUnix: boolean;
  readonly isSecure: boolean;
}

const WAYS: readonly Way[] = [
  { name: 'TCP in cleartext', isUnix: false, isSecure: false },
  { name: 'TLS', isUnix: false, isSecure: true },
  { name: 'a unix socket', isUnix: true, isSecure: false },
  { name: 'TLS over a unix socket', isUnix: true, isSecure: true },
];

for (const server of SERVER_KINDS) {
  for (const way of WAYS)
    describe(`${server} server over ${way.name}`, () => wayCases(server, way));
}

function wayCases(server: ServerKind, { isUnix, isSecure }: Way): void {
  const certificate: Certificate | undefined = isSecure ? createCertificate() : undefined;
  let folder: SocketFolder | undefined;
  const targets: Target[] = [];
  let addresses: string[] = [];

  before(async () => {
    folder = isUnix ? createSocketFolder() : undefined;
    for (const index of [0, 1]) {
      const socketPath = folder?.pathOf(index);
      const target = await startTarget(
        {
          backend: { name: `b${index}`, port: 0, server },
          seed: 1,
          faults: [],
          intervalNs: 1e9,
          ...(socketPath !== undefined && { socketPath }),
          ...(certificate && { certificate }),
        },
        { snapshot() {}, event() {} },
      );
      targets.push(target);
      addresses.push(socketPath === undefined ? `127.0.0.1:${target.port}` : `unix:${socketPath}`);
    }
  });
  after(() => {
    for (const target of targets) target.stop();
    folder?.remove();
    addresses = [];
  });

  for (const driver of DRIVERS) {
    test(`${driver}: calls, attempts by backend, and messages both ways`, async () => {
      const policy = driver === 'wire' ? {} : { balancer: 'round_robin' };
      const spec = {
        ...specOf(driver, certificate?.cert),
        ...clientSchema.parse({ driver, ...policy }),
      };
      using client = createDriver(addresses, spec);
      await client.ready(5_000);
      assert.equal((await startCall(client, 5_000).ended).status, 'OK');
      const backends = [await backendOf(client), await backendOf(client)];
      assert.deepEqual(backends.toSorted(), addresses.toSorted());

      await assertMessages(addresses.slice(0, 1), spec);
    });
  }
}

/** Two members of a room: what one says the other hears, beyond what a window takes at once. */
async function assertMessages(addresses: readonly string[], spec: ClientSpec): Promise<void> {
  const MESSAGES = 20;
  using client = createDriver(addresses, spec);
  await client.ready(5_000);
  const room = { room: `room of ${spec.driver}` };
  const message = encodeChatMessage({ user: 'u', content: 'x'.repeat(100_000), timestamp: 0 });
  let heardBytes = 0;
  const listens = createWitness();
  const listener = channelOf(client).stream(
    CHAT_METHOD,
    listens.ticket,
    5e9,
    room,
    (_, start, end) => {
      heardBytes += end - start;
      if (heardBytes === MESSAGES * message.length) listener.finish();
    },
  );
  const speaks = createWitness();
  const speaker = channelOf(client).stream(CHAT_METHOD, speaks.ticket, 5e9, room, () => {});
  for (let sent = 0; sent < MESSAGES; sent++) speaker.write(message);
  speaker.finish();
  assert.equal((await speaks.ended).status, 'OK');
  assert.equal((await listens.ended).status, 'OK');
}

/** A listening server of a test, and its address. */
async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('servers that a client with TLS cannot use', () => {
  const NO_ALPN = 'no ALPN at all';
  const { cert, key } = createCertificate();
  const cases: readonly (readonly [string, string, () => Server, RegExp])[] = [
    [
      'HTTP/1 only, by ALPN',
      cert,
      () => createTlsServer({ cert, key, ALPNProtocols: ['http/1.1'] }),
      /does not speak HTTP\/2.*ALPN/,
    ],
    [NO_ALPN, cert, () => createTlsServer({ cert, key }), /HTTP\/2 \(ALPN/],
    [
      'no TLS',
      cert,
      () =>
        createTcpServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 No\r\n\r\n')),
      /does not speak TLS/,
    ],
    [
      'another certificate',
      createCertificate().cert,
      () => createTlsServer({ cert, key, ALPNProtocols: ['h2'] }),
      /certificate is not trusted/,
    ],
  ];
  for (const driver of DRIVERS) {
    for (const [name, ca, create, sentence] of cases) {
      test(`${driver}: ${name}`, async () => {
        const server = create();
        const sockets = new Set<Socket>();
        server.on('connection', (socket: Socket) => sockets.add(socket));
        const address = await listening(server);
        try {
          using client = createDriver([address], specOf(driver, ca));
          // grpc-js keeps the reason to itself.
          const isTold = driver === 'wire' ? sentence : /no connection to/;
          // grpc-js goes on without ALPN, and waits for SETTINGS that never come.
          const waits = driver === 'grpc-js' && name === NO_ALPN;
          const { status } = await startCall(client, waits ? 100 : 10_000).ended;
          assert.equal(status, waits ? 'DEADLINE_EXCEEDED' : 'UNAVAILABLE');
          // In backoff now, or waiting still.
          await assert.rejects(client.ready(1), isTold);
        } finally {
          for (const socket of sockets) socket.destroy();
          server.close();
        }
      });
    }
  }
});

for (const driver of DRIVERS) {
  test(`${driver}: a server by its name, and attempts under the name that was given`, async () => {
    using server = await startTestTarget({ server: 'wire' });
    const byName = `localhost:${server.address.split(':')[1]}`;
    using client = createDriver([byName], clientSchema.parse({ driver }));
    await client.ready(5_000);
    assert.equal((await startCall(client, 5_000).ended).status, 'OK');
    assert.equal(await backendOf(client), byName);
  });
}
