/** Steering over one port: gRPC and HTTP on it, who may, and what becomes of nonsense. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import {
  Client,
  credentials,
  Metadata,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { steerNothing } from '../../../test/support/steered-proxy.js';
import { UserError } from '../../base/errors.js';
import { type ControlPort, openControlPort } from './control-port.js';
import { CONTROL_SERVICE, loadControlProto } from './grpc-face.js';
import { BODY_BYTES_MAX } from './http-face.js';

const HOST = '127.0.0.1';
const TOKEN = 'a-token';
const ABORT = '{ "rpc-abort": { "code": "UNAVAILABLE" } }';

/** A port that steers nothing, and clients of both kinds for it. */
async function openPort(token?: string, host = HOST) {
  const { steering, board } = steerNothing();
  const bugs: unknown[] = [];
  const onBug = (error: unknown) => bugs.push(error);
  const port = await openControlPort({ host, port: 0, token, steering, onBug });
  return { steering, board, bugs, ...clientsOf(port) };
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  readonly body: any;
}

function clientsOf({ port, close }: ControlPort) {
  const client = new Client(`${HOST}:${port}`, credentials.createInsecure());
  return {
    port,
    close() {
      client.close();
      close();
    },
    http(method: string, path: string, body = '', headers: Record<string, string> = {}) {
      return new Promise<HttpAnswer>((resolve, reject) => {
        const sent = httpRequest({ host: HOST, port, method, path, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece: string) => {
            text += piece;
          });
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: text === '' ? undefined : JSON.parse(text),
            }),
          );
        });
        sent.on('error', reject).end(body);
      });
    },
    // biome-ignore lint/suspicious/noExplicitAny: messages of any method
    grpc(name: string, message: object = {}, token?: string): Promise<any> {
      const method = (loadControlProto()[CONTROL_SERVICE] as ServiceDefinition)[name];
      assert.ok(method !== undefined, name);
      const metadata = new Metadata();
      if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          message,
          metadata,
          (error: ServiceError | null, reply) => (error === null ? resolve(reply) : reject(error)),
        );
      });
    },
    /** The services that reflection of a version lists. */
    services(version: string): Promise<string[]> {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      // ServerReflectionRequest { list_services: "" }, and of the answer the names as they stand.
      const asIs = (bytes: Buffer) => bytes;
      const stream = client.makeBidiStreamRequest(path, asIs, asIs);
      stream.on('error', () => {});
      stream.end(Buffer.from([0x3a, 0x00]));
      return new Promise((resolve, reject) => {
        stream.on('data', (bytes: Buffer) =>
          resolve(bytes.toString('latin1').match(/[a-z]\w*(\.\w+)+/g) ?? []),
        );
        stream.on('status', ({ details }) => reject(new Error(details)));
      });
    },
  };
}

type Port = Awaited<ReturnType<typeof openPort>>;

describe('on loopback', () => {
  let port: Port;
  before(async () => {
    port = await openPort();
  });
  after(() => port.close());

  test('gRPC: every method, by a client that asks reflection what there is', async () => {
    for (const version of ['v1', 'v1alpha']) {
      assert.ok((await port.services(version)).includes(CONTROL_SERVICE), version);
    }
    const { kinds } = await port.grpc('ListKinds');
    assert.ok(kinds.some(({ kind }: { kind: string }) => kind === 'rpc-abort'));
    const added = await port.grpc('AddFault', { fault: 'rpc-hang: { for: 10s, share: 20% }' });
    assert.equal(added.id, 'rpc-hang-1');
    assert.equal(added.toUnixMs - added.fromUnixMs, 10_000);
    port.board.count('rpc-hang-1', 5, 1);
    const { faults } = await port.grpc('ListFaults');
    const [{ state, seen, hit, fault }] = faults;
    assert.deepEqual([state, seen, hit], ['ACTING', 5, 1]);
    assert.deepEqual(JSON.parse(fault), { 'rpc-hang': { for: '10s', share: '20%' } });
    const changed = await port.grpc('ChangeFault', { id: 'rpc-hang-1', fault: ABORT });
    assert.deepEqual([changed.kind, changed._toUnixMs], ['rpc-abort', undefined]);
    const { connections } = await port.grpc('ListConnections');
    assert.deepEqual(connections, [
      { id: 3, peer: '127.0.0.1:9', sinceUnixMs: 1_700_000_000_000, callsOpen: 2, heldBytes: 7 },
    ]);
    const { counts, callsOpen } = await port.grpc('GetCounters');
    assert.deepEqual([counts.callsStarted, callsOpen], [0, 2]);
    await port.grpc('RemoveFault', { id: 'rpc-hang-1' });
    await port.grpc('AddFault', { fault: ABORT });
    await port.grpc('Reset');
    assert.deepEqual(port.steering.faults(), []);
  });

  test('gRPC: mistakes have their code and say all that is wrong', async () => {
    const wrong = 'rpc-abort: { code: UNAVAILBLE, share: 5 }';
    await assert.rejects(port.grpc('AddFault', { fault: wrong }), (error: ServiceError) => {
      assert.equal(error.code, status.INVALID_ARGUMENT);
      assert.match(error.details, /fault:1:20: .*did you mean "UNAVAILABLE".*\nfault:1:39: /);
      return true;
    });
    const { NOT_FOUND, RESOURCE_EXHAUSTED } = status;
    await assert.rejects(port.grpc('RemoveFault', { id: 'x' }), { code: NOT_FOUND });
    // Clients take no header of this size.
    const unknown = { fault: `${'x'.repeat(30_000)}: {}` };
    await assert.rejects(port.grpc('AddFault', unknown), { code: status.INVALID_ARGUMENT });
    const long = { fault: ' '.repeat(200_000) };
    await assert.rejects(port.grpc('AddFault', long), { code: RESOURCE_EXHAUSTED });
  });

  test('HTTP: the same, path by path', async () => {
    const added = await port.http('POST', '/v1/faults', ABORT);
    assert.equal(added.status, 201);
    const { location } = added.headers;
    assert.equal(location, `/v1/faults/${added.body.id}`);
    const path = String(location);
    assert.deepEqual((await port.http('GET', path)).body.fault, JSON.parse(ABORT));
    const changed = await port.http('PUT', path, 'rpc-delay: { delay: 5ms, for: 1s }');
    assert.deepEqual([changed.status, changed.body.kind], [200, 'rpc-delay']);
    assert.equal((await port.http('GET', '/v1/faults')).body.faults.length, 1);
    assert.equal((await port.http('DELETE', path)).status, 204);
    assert.equal((await port.http('GET', path)).status, 404);
    const { body } = await port.http('GET', '/v1/counters?pretty');
    assert.deepEqual([body.counts.callsStarted, body.callsOpen], [0, 2]);
    const { connections } = (await port.http('GET', '/v1/connections')).body;
    assert.equal(connections[0].peer, '127.0.0.1:9');
    assert.ok((await port.http('GET', '/v1/kinds')).body.kinds.length > 0);
    await port.http('POST', '/v1/faults', ABORT);
    assert.equal((await port.http('POST', '/v1/reset')).status, 204);
    assert.deepEqual(port.steering.faults(), []);
  });

  test('HTTP: errors are JSON, with the place in the input', async () => {
    const { status: code, body } = await port.http('POST', '/v1/faults', '{"rpc-delay": {}}');
    assert.equal(code, 400);
    assert.equal(body.error.problem, 'invalid');
    assert.equal(body.error.mistakes[0].where, 'fault:1:15');
    assert.match(body.error.message, /rpc-delay\.delay is missing/);
    const table = [
      ['PATCH', '/v1/faults', '', 405],
      ['GET', '/v1/reset', '', 405],
      ['GET', '/', '', 404],
      ['GET', '/v1/faults/%E0%A4%A', '', 404],
      ['PUT', '/v1/faults/none', ABORT, 404],
      ['POST', '/v1/faults', '', 400],
      ['POST', '/v1/faults', '\u0000\u0001', 400],
      ['POST', '/v1/faults', '['.repeat(BODY_BYTES_MAX), 400],
      ['POST', '/v1/faults', ' '.repeat(BODY_BYTES_MAX + 1), 413],
    ] as const;
    for (const [method, path, text, expected] of table) {
      const answer = await port.http(method, path, text);
      assert.equal(answer.status, expected, `${method} ${path}`);
      assert.ok(answer.body.error.message.length > 0);
    }
    assert.equal((await port.http('PATCH', '/v1/faults')).headers['allow'], 'GET, POST');
  });

  test('HTTP: pages of a browser are refused, whatever name they had resolve to loopback', async () => {
    const own = `${HOST}:${port.port}`;
    const table: readonly (readonly [headers: Record<string, string>, status: number])[] = [
      [{}, 200],
      [{ host: `localhost:${port.port}` }, 200],
      [{ host: '[::1]:1' }, 200],
      [{ host: '127.9.9.9' }, 200],
      [{ host: own, origin: `http://${own}` }, 200],
      [{ 'sec-fetch-site': 'none' }, 200],
      [{ host: 'rebound.example' }, 403],
      [{ host: '127.0.0.1.example' }, 403],
      [{ host: `localhost.example:${port.port}` }, 403],
      [{ host: own, origin: 'http://localhost:3000' }, 403],
      [{ host: own, origin: 'null' }, 403],
      [{ 'sec-fetch-site': 'cross-site' }, 403],
    ];
    for (const [headers, expected] of table) {
      const { status: code } = await port.http('GET', '/v1/faults', '', headers);
      assert.equal(code, expected, JSON.stringify(headers));
    }
  });

  test('octets that are neither are the end of their connection, and of nothing else', async () => {
    const texts = [
      '\u0000\u0001\u0002',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nand then no frame',
      'PRX\r\n\r\n',
    ];
    for (const text of texts) {
      const socket = connect(port.port, HOST);
      socket.on('error', () => {}).resume();
      socket.write(Buffer.from(text, 'latin1'));
      await once(socket, 'close');
    }
    // In pieces, and given up before it is clear what it is.
    const socket = connect(port.port, HOST);
    await once(socket, 'connect');
    socket.end('PR').resume();
    await once(socket, 'close');
    assert.equal((await port.http('GET', '/v1/counters')).status, 200);
    assert.equal((await port.grpc('GetCounters')).heldBytes, 7);
    assert.deepEqual(port.bugs, []);
  });

  test('a bug of ours is an answer, too, and is told', async () => {
    port.board.count('x', 1, 1);
    const { takeCounts } = port.board;
    port.board.takeCounts = () => {
      throw new TypeError('planted');
    };
    assert.equal((await port.http('GET', '/v1/faults')).status, 500);
    await assert.rejects(port.grpc('ListFaults'), { code: status.INTERNAL });
    port.board.takeCounts = takeCounts;
    assert.deepEqual(port.bugs.splice(0).map(String), new Array(2).fill('TypeError: planted'));
    assert.equal((await port.http('GET', '/v1/faults')).status, 200);
  });
});

test('elsewhere than on loopback a token is needed, for each request of either kind', async () => {
  await assert.rejects(openPort(undefined, '0.0.0.0'), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /a token is needed/);
    return true;
  });
  const port = await openPort(TOKEN, '0.0.0.0');
  try {
    const headers = (token: string) => ({ authorization: token, host: 'load-test:9001' });
    const path = '/v1/faults';
    assert.equal((await port.http('GET', path, '', headers(`Bearer ${TOKEN}`))).status, 200);
    for (const wrong of ['', TOKEN, `Bearer ${TOKEN}x`, 'Bearer ', `Basic ${TOKEN}`]) {
      assert.equal((await port.http('GET', path, '', headers(wrong))).status, 401, wrong);
    }
    assert.equal((await port.http('GET', '/nothing')).status, 401);
    assert.ok(await port.grpc('ListFaults', {}, TOKEN));
    const { UNAUTHENTICATED: code } = status;
    await assert.rejects(port.grpc('ListFaults'), { code });
    await assert.rejects(port.grpc('ListFaults', {}, `${TOKEN}x`), { code });
    await assert.rejects(port.services('v1'), /token/);
  } finally {
    port.close();
  }
});
