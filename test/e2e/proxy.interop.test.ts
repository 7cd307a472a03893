/**
 * The proxy between clients and servers that others wrote, or with more octets than `npm test` has time
 * for: gRPC's C core by its Python package, on both sides; h2load; a message of 100 MB each way. C++ is in
 * `cpp.interop.test.ts`.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type RunningProxy, startProxy } from '../../src/proxy/proxy.js';
import { grpcPython, hasH2load, startPythonServer } from '../support/foreign-servers.js';
import { startHttp2Peer } from '../support/http2-peer.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const needs = (what: string, isThere: boolean) => ({ skip: isThere ? false : `needs ${what}` });

async function withProxy(port: number, act: (proxy: RunningProxy) => Promise<void>): Promise<void> {
  const upstream = { host: '127.0.0.1', port };
  const proxy = await startProxy({ host: '127.0.0.1', port: 0, upstream });
  try {
    await act(proxy);
    await until('nothing is left', () => proxy.connectionCount === 0);
    assert.equal(proxy.heldBytes, 0);
  } finally {
    proxy.close();
  }
}

const portOf = (address: string) => Number(address.split(':')[1]);

describe("gRPC's C core", needs('grpcio', grpcPython !== undefined), () => {
  test('its client through the proxy to its server: what it says is what it says without', async () => {
    await using server = await startPythonServer(100);
    const script = fileURLToPath(new URL('../../../test/support/grpc-ways.py', import.meta.url));
    const ask = async (port: number) =>
      (await run(grpcPython ?? 'python3', [script, `127.0.0.1:${port}`])).stdout;
    const direct = await ask(portOf(server.address));
    await withProxy(portOf(server.address), async (proxy) => {
      assert.equal(await ask(proxy.port), direct);
    });
    assert.match(direct, /unary OK/);
    assert.match(direct, /long metadata OK/);
    assert.match(direct, /cancelled CANCELLED/);
    assert.match(direct, /deadline DEADLINE_EXCEEDED/);
  });
});

test(
  'h2load through the proxy: each of its calls is answered',
  needs('h2load', hasH2load),
  async () => {
    await using peer = await startHttp2Peer((stream) => {
      stream.respond({ ':status': 200 }, { endStream: true });
    });
    await withProxy(portOf(peer.address), async (proxy) => {
      const { stdout } = await run('h2load', [
        ...['-n', '5000', '-c', '3', '-m', '50', `http://127.0.0.1:${proxy.port}/a/b`],
      ]);
      assert.match(stdout, /5000 done, 5000 succeeded, 0 failed/);
    });
  },
);

test('a hundred megabytes each way, octet for octet, and next to nothing held', async () => {
  const bytes = 100_000_000;
  const server = createServer();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await withProxy((server.address() as AddressInfo).port, async (proxy) => {
    const session = connect(`http://127.0.0.1:${proxy.port}`);
    const stream = session.request({ ':method': 'POST' });
    const [sent, got] = [createHash('sha256'), createHash('sha256')];
    let gotBytes = 0;
    let mostHeld = 0;
    stream.on('data', (piece: Buffer) => {
      got.update(piece);
      gotBytes += piece.length;
      mostHeld = Math.max(mostHeld, proxy.heldBytes);
    });
    const ended = once(stream, 'end');
    for (let at = 0; at < bytes; at += 1_000_000) {
      const piece = Buffer.alloc(1_000_000, at / 1_000_000);
      sent.update(piece);
      if (!stream.write(piece)) await once(stream, 'drain');
    }
    stream.end();
    await ended;
    assert.equal(gotBytes, bytes);
    assert.equal(got.digest('hex'), sent.digest('hex'));
    assert.ok(mostHeld < 4_000_000, `${mostHeld} octets held`);
    session.close();
  });
  server.close();
});
