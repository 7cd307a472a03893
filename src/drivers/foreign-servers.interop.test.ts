/**
 * Servers and clients that others wrote, with ours: nginx as a gRPC proxy, gRPC's C core (by its
 * Python package), nghttp2's h2load. Each is skipped where it is not installed.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { channelOf, createWitness, REQUEST, startCall } from '../../test/support/call-witness.js';
import {
  grpcPython,
  hasH2load,
  hasNginx,
  startNginx,
  startPythonServer,
} from '../../test/support/foreign-servers.js';
import { until } from '../../test/support/until.js';
import { SAY_METHOD } from '../calls/chat-codec.js';
import { framedMessage } from '../http2/grpc-message.js';
import { SERVER_KINDS, type ServerKind } from '../targets/spec.js';
import { startTarget, type Target } from '../targets/target-server.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { Driver } from './driver.js';

const needs = (what: string, isThere: boolean) => ({ skip: isThere ? false : `needs ${what}` });
const CHAT_METHOD = '/chat.ChatService/Chat';

function targetOf(server: ServerKind): Promise<Target> {
  const backend = { name: 'b0', port: 0, server };
  const config = { backend, seed: 1, faults: [], intervalNs: 1e9 };
  return startTarget(config, { snapshot() {}, event() {} });
}

async function wire(address: string, reasons: string[] = []): Promise<Driver> {
  const client = createDriver([address], clientSchema.parse({ driver: 'wire' }), {
    onConnectionLost: (_address, reason) => reasons.push(reason),
  });
  await client.ready(5_000);
  return client;
}

async function statusOf(client: Driver, method: string) {
  const { ticket, ended } = createWitness();
  channelOf(client).unary(method, REQUEST, ticket, 5e9);
  return (await ended).status;
}

/** Sends messages to a server that says them back, each larger than a window. @returns their octets. */
async function echoed(client: Driver, method: string, sizes: readonly number[]): Promise<number> {
  const { ticket, ended } = createWitness();
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let heard = 0;
  const stream = channelOf(client).stream(method, ticket, 10e9, {}, (_, start, end) => {
    heard += end - start;
    if (heard === total) stream.finish();
  });
  for (const size of sizes) stream.write(Buffer.alloc(size, size));
  assert.equal((await ended).status, 'OK');
  return heard;
}

describe('nginx in front', needs('nginx', hasNginx), () => {
  for (const server of SERVER_KINDS) {
    test(`${server} server: unary calls, streams, a status, an unknown method`, async () => {
      const target = await targetOf(server);
      try {
        await using nginx = await startNginx(
          `location / { grpc_pass grpc://127.0.0.1:${target.port}; }`,
        );
        const reasons: string[] = [];
        using client = await wire(nginx.address, reasons);
        const calls = Array.from({ length: 200 }, () => startCall(client, 5_000).ended);
        assert.ok((await Promise.all(calls)).every(({ status }) => status === 'OK'));
        assert.equal(await statusOf(client, '/chat.ChatService/None'), 'UNIMPLEMENTED');
        const { ticket, ended } = createWitness();
        const stream = channelOf(client).stream(CHAT_METHOD, ticket, 5e9, {}, () => {});
        for (let i = 0; i < 10; i++) stream.write(REQUEST);
        stream.finish();
        assert.equal((await ended).status, 'OK');
        assert.deepEqual(reasons, []);
      } finally {
        target.stop();
      }
    });
  }

  test('answers of its own: before the body is there, and of a backend that is not', async () => {
    // After such a reply it resets the stream with NO_ERROR: nothing failed.
    await using nginx = await startNginx(
      `default_type application/grpc;
       location /early.Service/ { add_header grpc-status 7 always; return 200; }
       location /page.Service/ { default_type text/html; return 200 "<html>"; }
       location /gone.Service/ { grpc_pass grpc://127.0.0.1:1; }`,
    );
    const reasons: string[] = [];
    using client = await wire(nginx.address, reasons);
    for (let i = 0; i < 20; i++) {
      const { ticket, ended } = createWitness();
      const stream = channelOf(client).stream('/early.Service/Any', ticket, 5e9, {}, () => {});
      stream.write(Buffer.alloc(1_000));
      assert.equal((await ended).status, 'PERMISSION_DENIED');
    }
    assert.equal(await statusOf(client, '/early.Service/Any'), 'PERMISSION_DENIED');
    assert.equal(await statusOf(client, '/page.Service/Any'), 'UNKNOWN');
    assert.equal(await statusOf(client, '/gone.Service/Any'), 'UNAVAILABLE');
    assert.deepEqual(reasons, []);
  });
});

/** A server told to go takes no new calls, and the stream that it has goes on to its end. */
async function assertGoesInOrder(client: Driver, tellToGo: () => void): Promise<void> {
  const { ticket, ended } = createWitness();
  let heard = 0;
  const stream = channelOf(client).stream(CHAT_METHOD, ticket, 10e9, {}, () => {
    heard++;
  });
  stream.write(Buffer.of(1));
  await until('an echo', () => heard === 1);
  tellToGo();
  await until('a call that is not taken', async () => {
    return (await startCall(client, 5_000).ended).status !== 'OK';
  });
  stream.write(Buffer.of(2));
  await until('an echo after that', () => heard === 2);
  stream.finish();
  assert.equal((await ended).status, 'OK');
}

describe("gRPC's C core", needs('grpcio', grpcPython !== undefined), () => {
  test('unary calls, statuses, streams; one stream at a time; a server that shuts down', async () => {
    await using server = await startPythonServer(2);
    const reasons: string[] = [];
    using client = await wire(server.address, reasons);
    const calls = Array.from({ length: 9 }, () => startCall(client, 5_000).ended);
    const ended = await Promise.all(calls);
    assert.ok(ended.every(({ status }) => status === 'OK'));
    // Two at a time, so the others waited.
    assert.deepEqual(
      ended.map(({ waiting }) => waiting),
      [undefined, undefined, 1, 2, 3, 4, 5, 6, 7],
    );
    assert.equal(await statusOf(client, '/chat.ChatService/Fail'), 'ABORTED');
    assert.equal(await statusOf(client, '/chat.ChatService/None'), 'UNIMPLEMENTED');
    const sizes = [1, 100_000, 3_000_000, 0, 70_000];
    assert.equal(await echoed(client, CHAT_METHOD, sizes), 3_170_001);
    await assertGoesInOrder(client, () => server.kill('SIGUSR1'));
  });
});

describe('h2load', needs('h2load', hasH2load), () => {
  for (const server of SERVER_KINDS) {
    test(`its calls on the ${server} server are all answered`, async () => {
      const target = await targetOf(server);
      const folder = mkdtempSync(join(tmpdir(), 'squall-test-'));
      try {
        const body = join(folder, 'body');
        writeFileSync(body, framedMessage(REQUEST));
        const { stdout } = await promisify(execFile)('h2load', [
          ...['-n', '2000', '-c', '2', '-m', '50', '-t', '1', '-d', body],
          ...['-H', 'te: trailers', '-H', 'content-type: application/grpc'],
          `http://127.0.0.1:${target.port}${SAY_METHOD}`,
        ]);
        assert.match(stdout, /2000 done, 2000 succeeded, 0 failed/);
        assert.match(stdout, /status codes: 2000 2xx/);
      } finally {
        target.stop();
        rmSync(folder, { recursive: true });
      }
    });
  }
});
