/**
 * What grpc-js does of writing and reading, and its server of calls, that nobody would expect:
 * docs/client-behaviour.md, "grpc-js, suspect by suspect". A test that goes red here is one that has changed.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import type { Client, ServerWritableStream } from '@grpc/grpc-js';
import {
  asIs,
  DOWN,
  startRawServer,
  UNARY,
  UP,
  unaryCode,
} from '../../../test/support/raw-server.js';
import { until } from '../../../test/support/until.js';

const KIB = 1024;
const PIECE = Buffer.alloc(16 * KIB);
/** Of HTTP/2, and of Node's server: what may be on the way to one that does not read. */
const WINDOW_BYTES = 65_535;

/**
 * Writes one piece after another, until one is not taken while calls on the same connection come and go, or
 * until `bytesMax` were.
 * @returns octets that were taken.
 */
async function writeUntilStuck(
  client: Client,
  write: (taken: () => void) => void,
  bytesMax: number,
): Promise<number> {
  for (let bytes = 0; bytes < bytesMax; bytes += PIECE.length) {
    let isTaken = false;
    write(() => {
      isTaken = true;
    });
    for (let call = 0; call < 8 && !isTaken; call++) await unaryCode(client);
    if (!isTaken) return bytes;
  }
  return bytesMax;
}

test('a write is called done when the retry buffer has it, also where there are no retries', async () => {
  const table: [options: object, isUnheld: boolean][] = [
    [{}, true],
    [{ 'grpc.enable_retries': 0 }, true],
    [{ 'grpc.per_rpc_retry_buffer_size': 0 }, false],
  ];
  for (const [options, isUnheld] of table) {
    // Its handler reads nothing.
    using server = await startRawServer({ up: () => {} });
    using client = server.client(options);
    await unaryCode(client);
    const call = client.makeClientStreamRequest(UP, asIs, asIs, () => {});
    const write = (taken: () => void) => call.write(PIECE, taken);
    const bytes = await writeUntilStuck(client, write, 8 * WINDOW_BYTES);
    if (isUnheld) assert.equal(bytes, 8 * WINDOW_BYTES, JSON.stringify(options));
    else assert.ok(bytes <= 2 * WINDOW_BYTES, `${bytes} octets`);
    call.cancel();
  }
});

test('a client that never reads takes in all there is; one that reads once and pauses does not', async () => {
  for (const readsOnce of [false, true]) {
    let begin: (call: ServerWritableStream<Buffer, Buffer>) => void = () => {};
    const begun = new Promise<ServerWritableStream<Buffer, Buffer>>((resolve) => {
      begin = resolve;
    });
    using server = await startRawServer({ down: (call) => begin(call) });
    using client = server.client();
    await unaryCode(client);
    const reader = client.makeServerStreamRequest(DOWN, asIs, asIs, Buffer.alloc(0));
    reader.on('error', () => {});
    const writer = await begun;
    if (readsOnce) {
      writer.write(PIECE);
      await once(reader, 'readable');
      reader.read();
    }
    const write = (taken: () => void) => void writer.write(PIECE, taken);
    const bytesMax = 8 * KIB * KIB;
    const bytes = await writeUntilStuck(client, write, bytesMax);
    if (readsOnce) assert.ok(bytes < bytesMax / 4, `${bytes} octets`);
    else assert.equal(bytes, bytesMax);
    reader.cancel();
  }
});

test('grpc-node.flow_control_window is not for servers', async () => {
  using server = await startRawServer({}, { 'grpc-node.flow_control_window': 1024 * KIB });
  const session = connect(`http://${server.address}`);
  const [settings] = await once(session, 'remoteSettings');
  session.destroy();
  assert.equal(settings.initialWindowSize, WINDOW_BYTES);
});

test("'cancelled' is told to a handler of every call, those that end OK among them", async () => {
  let cancelled = 0;
  using server = await startRawServer({
    unary(call, reply) {
      call.on('cancelled', () => cancelled++);
      reply(null, call.request);
    },
  });
  using client = server.client();
  for (let call = 0; call < 5; call++) assert.equal(await unaryCode(client), 0);
  await until('all five are told', () => cancelled === 5);
});

test('a serialiser has to make a Buffer: a Uint8Array is an INTERNAL error', async () => {
  using server = await startRawServer({});
  using client = server.client();
  const octets = () => new Uint8Array(3) as Buffer;
  const error = await new Promise<{ code?: number; details?: string } | null>((resolve) => {
    client.makeUnaryRequest(UNARY, octets, asIs, Buffer.alloc(0), resolve);
  });
  assert.equal(error?.code, 13);
});
