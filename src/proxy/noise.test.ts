/**
 * Octets at random, from clients and from servers: the proxy lives, nothing of them is left in it, and a
 * good client's calls go on.
 *
 * Some hundred connections of each unless SQUALL_NOISE_SECONDS says for how long instead:
 *   SQUALL_NOISE_SECONDS=60 node tools/run-tests.mjs proxy/noise
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createChatClient } from '../../test/support/chat-client.js';
import { connectFrames, GREETING } from '../../test/support/frame-client.js';
import { frame, settingsFrame } from '../../test/support/http2-frames.js';
import { anyFrames, noise } from '../../test/support/noise.js';
import { until } from '../../test/support/until.js';
import { createRng } from '../base/rng.js';
import { startTarget } from '../targets/target-server.js';
import { startProxy } from './proxy.js';

const ROUNDS = 120;
const SECONDS = Number(process.env['SQUALL_NOISE_SECONDS'] ?? 0);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Plays rounds, and holds that the second half of them leaves no more memory than the first.
 * @param isQuiet nothing of the rounds so far is open any more: what is held then is held for good.
 */
async function repeat(
  isQuiet: () => boolean,
  play: (round: number) => Promise<void>,
): Promise<void> {
  const settled = async () => {
    await until('what was open is gone', isQuiet);
    let bytes = Number.POSITIVE_INFINITY;
    // Some of it is let go a turn or two later.
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      bytes = Math.min(bytes, usedBytes());
    }
    return bytes;
  };
  const endMs = performance.now() + SECONDS * 1e3;
  const halfMs = (performance.now() + endMs) / 2;
  let halfBytes: number | undefined;
  const isHalf = (round: number) =>
    SECONDS > 0 ? performance.now() > halfMs : round >= ROUNDS / 2;
  const isOver = (round: number) => (SECONDS > 0 ? performance.now() > endMs : round >= ROUNDS);
  let round = 0;
  for (; !isOver(round); round++) {
    if (halfBytes === undefined && isHalf(round)) halfBytes = await settled();
    await play(round);
  }
  const ratio = (await settled()) / (halfBytes ?? Number.NaN);
  assert.ok(ratio < 1.3, `memory grew by ${ratio} in the second half of ${round} rounds`);
}

const proxyTo = (port: number) =>
  startProxy({ host: '127.0.0.1', port: 0, upstream: { host: '127.0.0.1', port } });

test('clients that send octets at random', async () => {
  const backend = { name: 'b0', port: 0, server: 'wire' as const };
  const config = { backend, seed: 1, faults: [], intervalNs: 1e9 };
  const target = await startTarget(config, { snapshot() {}, event() {} });
  const proxy = await proxyTo(target.port);
  using good = createChatClient(`127.0.0.1:${proxy.port}`);
  try {
    const random = createRng(5, 'clients');
    const isQuiet = () => proxy.connectionCount === 1;
    await repeat(isQuiet, async (round) => {
      using bad = await connectFrames(proxy.port, round % 5 === 0 ? noise(random, 40) : GREETING);
      bad.send(anyFrames(random, 60));
      // It has been heard when a call that comes behind it is answered.
      if (round % 4 === 0) assert.equal((await good.say('hi')).code, 0);
      if (random() < 0.5) bad.socket.end();
      else bad.socket.resetAndDestroy();
    });
    assert.equal((await good.say('hi')).code, 0);
    assert.equal(proxy.heldBytes, 0);
  } finally {
    proxy.close();
    target.stop();
  }
});

test('servers that send octets at random', async () => {
  const random = createRng(6, 'servers');
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.write(random() < 0.1 ? noise(random, 40) : settingsFrame());
    socket.on('data', () => {
      if (!socket.destroyed) socket.write(anyFrames(random, 30));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await proxyTo((server.address() as AddressInfo).port);
  try {
    const isQuiet = () => proxy.connectionCount === 0 && open.size === 0;
    await repeat(isQuiet, async () => {
      using client = await connectFrames(proxy.port, GREETING);
      for (let id = 1; id < 12; id += 2) client.send(frame(1, 5, id, '838684'));
      const isHeard = () => client.frames.length > 0 || client.socket.destroyed;
      await until('it is heard', isHeard);
      // What the noise does to a connection is between its octets: some go on for a few turns.
      for (let turns = Math.floor(random() * 20); turns > 0; turns--) {
        await new Promise(setImmediate);
      }
    });
    assert.equal(proxy.heldBytes, 0);
  } finally {
    proxy.close();
    for (const socket of open) socket.destroy();
    server.close();
  }
});
