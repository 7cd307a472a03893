/** A transport of HTTP/2 on a shaped socket, as the proxy has them: nothing of it knows. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { faultWindow } from '../../../test/support/fleet.js';
import { createRecorder, REQUEST, RESPONSE, TRAILERS } from '../../../test/support/http2-pair.js';
import { until } from '../../../test/support/until.js';
import {
  acceptTransport,
  connectTransport,
  type SocketTransport,
} from '../../http2/socket-transport.js';
import { startTcpFront, type TcpFront } from './tcp-front.js';

const BODY = randomBytes(300_000);

interface EchoFront extends Disposable {
  readonly front: TcpFront;
  /** What became of the servers' transports: a word for each that closed. */
  readonly closed: readonly string[];
  readonly transports: readonly SocketTransport[];
}

/** Gives back every body. */
async function startEchoFront(): Promise<EchoFront> {
  const closed: string[] = [];
  const transports: SocketTransport[] = [];
  const front = await startTcpFront({
    host: '127.0.0.1',
    port: 0,
    seed: 1,
    serve(connection) {
      const handler = createRecorder({
        onHeaders: (id) => transport.connection.sendHeaders(id, RESPONSE, false),
        onData(id, bytes, start, stop, end) {
          transport.connection.write(id, Buffer.from(bytes.subarray(start, stop)), false);
          if (end) transport.connection.sendHeaders(id, TRAILERS, true);
        },
      });
      const transport = acceptTransport(connection.open, {}, handler, {
        onClose: (error) => closed.push(error?.message ?? 'in order'),
      });
      transports.push(transport);
      connection.resume();
    },
  });
  return { front, closed, transports, [Symbol.dispose]: () => front.close() };
}

function connectClient({ front }: EchoFront) {
  const recorder = createRecorder();
  let isClosed = false;
  const transport = connectTransport({ host: '127.0.0.1', port: front.port }, {}, recorder, {
    onClose() {
      isClosed = true;
    },
  });
  const { connection } = transport;
  return {
    transport,
    isClosed: () => isClosed,
    async echo() {
      const id = connection.start(REQUEST, false);
      connection.write(id, BODY, true);
      await until('the echo', () => recorder.events.includes(`over ${id}`));
      assert.ok(recorder.bodies.get(id)?.equals(BODY), 'every octet, in order');
    },
  };
}

test('bodies come back whole through straight, shaped and straight octets again', async () => {
  using echo = await startEchoFront();
  const client = connectClient(echo);
  await client.echo();
  const ends = [
    echo.front.faults.begin(faultWindow('tcp-slice', { size: '3KB', variation: '2999B' })),
    echo.front.faults.begin(faultWindow('tcp-latency', { delay: '3ms', jitter: '3ms' })),
    echo.front.faults.begin(faultWindow('tcp-bandwidth', { rate: '20MB/s' })),
  ];
  await client.echo();
  const running = client.echo();
  for (const end of ends) end();
  await running;
  await client.echo();
  assert.equal(echo.transports[0]?.pendingBytes, 0);
  client.transport.connection.close();
  await until('both ends', () => client.isClosed() && echo.closed.length === 1);
  assert.deepEqual(echo.closed, ['in order']);
  await until('nothing to be left', () => echo.front.connectionCount === 0);
});

test('a transport that ends behind a latency is heard out: its GOAWAY comes before the end', async () => {
  using echo = await startEchoFront();
  const client = connectClient(echo);
  await client.echo();
  const over = echo.front.faults.begin(faultWindow('tcp-latency', { delay: '1h' }));
  echo.transports[0]?.connection.close();
  await until('its turn', () => (echo.transports[0]?.pendingBytes ?? 0) > 0);
  assert.deepEqual(echo.closed, []);
  over();
  await until('both ends', () => client.isClosed() && echo.closed.length === 1);
  assert.deepEqual(echo.closed, ['in order']);
});

test('a reset reaches a transport that waits for nothing', async () => {
  using echo = await startEchoFront();
  const client = connectClient(echo);
  await client.echo();
  const end = echo.front.faults.begin(faultWindow('tcp-reset', {}));
  await until('both ends', () => client.isClosed() && echo.closed.length === 1);
  assert.deepEqual(echo.closed, ['the connection was reset']);
  end();
  await until('nothing to be left', () => echo.front.connectionCount === 0);
});
