/**
 * Peers that mean harm, on either side of the proxy: each is cut off with the GOAWAY that it deserves,
 * what it can make the proxy hold is bounded, and everybody else's calls go on.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { floods, headerBomb, rapidResets } from '../../test/support/floods.js';
import { connectFrames, type FrameClient, GREETING } from '../../test/support/frame-client.js';
import { frame } from '../../test/support/http2-frames.js';
import { createRecorder, REQUEST } from '../../test/support/http2-pair.js';
import { replyHead, type ScriptPeer, startScript } from '../../test/support/http2-script.js';
import { until } from '../../test/support/until.js';
import { headerFields } from '../http2/header-field.js';
import { connectTransport } from '../http2/socket-transport.js';
import { startTarget, type Target } from '../targets/target-server.js';
import { type RunningProxy, startProxy } from './proxy.js';

const MIB = 1_048_576;
/** `:method: POST`, `:scheme: http`, `:path: /`. */
const BLOCK = '838684';

const proxyTo = (port: number, handshakeMs?: number) =>
  startProxy({
    host: '127.0.0.1',
    port: 0,
    upstream: { host: '127.0.0.1', port },
    ...(handshakeMs !== undefined && { handshakeMs }),
  });

const clientOf = (proxy: RunningProxy) => createChatClient(`127.0.0.1:${proxy.port}`);

function wireTarget(): Promise<Target> {
  const backend = { name: 'b0', port: 0, server: 'wire' as const };
  const config = { backend, seed: 1, faults: [], intervalNs: 1e9 };
  return startTarget(config, { snapshot() {}, event() {} });
}

describe('a client', () => {
  let target: Target;
  let proxy: RunningProxy;
  let good: ReturnType<typeof createChatClient>;
  before(async () => {
    target = await wireTarget();
    proxy = await proxyTo(target.port);
    good = clientOf(proxy);
    assert.equal((await good.say('before')).code, 0);
  });
  after(() => {
    good.close();
    proxy.close();
    target.stop();
  });

  /** The good client's connection and nothing else is left, and its calls go on. */
  const assertUndisturbed = async () => {
    assert.equal((await good.say('after')).code, 0);
    await until('the rest is gone', () => proxy.connectionCount === 1);
    assert.equal(proxy.heldBytes, 0);
  };

  const cutOff = async (bad: FrameClient, code: number) => {
    await until('it is cut off', () => bad.socket.destroyed);
    assert.equal(bad.goawayCode, code);
    await assertUndisturbed();
  };

  for (const { name, octets, code } of floods(1)) {
    test(`${name}: cut off, nobody else is`, async () => {
      using bad = await connectFrames(proxy.port, GREETING);
      bad.send(frame(1, 4, 1, BLOCK), octets);
      await cutOff(bad, code);
    });
  }

  test('no preface: cut off', async () => {
    using bad = await connectFrames(proxy.port, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await cutOff(bad, 1);
  });

  test('rapid reset: cut off, by the proxy or by the server behind it', async () => {
    using bad = await connectFrames(proxy.port, GREETING);
    bad.send(rapidResets(1, 90_000));
    await cutOff(bad, 11);
  });

  test('a header bomb: its stream alone is reset', async () => {
    using bad = await connectFrames(proxy.port, GREETING);
    bad.send(frame(1, 5, 1, headerBomb()));
    await until('a reset', () => bad.frames.some(({ type }) => type === 3));
    const reset = bad.frames.find(({ type }) => type === 3);
    assert.deepEqual([reset?.streamId, reset?.payload.readUInt32BE(0)], [1, 11]);
    bad.socket.destroy();
    await assertUndisturbed();
  });

  test('half-open, and gone without a word: nothing is left of it', async () => {
    using bad = await connectFrames(proxy.port, GREETING);
    bad.send(frame(1, 4, 1, BLOCK), frame(0, 0, 1, Buffer.alloc(3), 1_000));
    await until('the call is there', () => proxy.counters.callsStarted > 0);
    bad.socket.resetAndDestroy();
    await assertUndisturbed();
  });
});

test('a client says nothing, or acknowledges nothing: it has as long as a handshake may take', async () => {
  const target = await wireTarget();
  const proxy = await proxyTo(target.port, 100);
  try {
    using good = clientOf(proxy);
    assert.equal((await good.say('before')).code, 0);
    using silent = await connectFrames(proxy.port, new Uint8Array(0));
    using deaf = await connectFrames(proxy.port, GREETING.subarray(0, -9));
    await until('both are cut off', () => silent.socket.destroyed && deaf.socket.destroyed);
    assert.deepEqual([silent.goawayCode, deaf.goawayCode], [4, 4]);
    assert.equal((await good.say('after')).code, 0);
    assert.equal(proxy.connectionCount, 1);
  } finally {
    proxy.close();
    target.stop();
  }
});

/** A reply that is all trailers, and large: no window holds it back. */
const LARGE_REPLY = (() => {
  const value = Buffer.alloc(8_000, 'x');
  const prefix = Buffer.concat([
    Buffer.from([0x88, 0x00, 1, 0x61, 0x7f]),
    Buffer.from([0xc1, 0x3d]),
  ]);
  return Buffer.concat([prefix, value]);
})();

test('a client asks and never reads: it is read no more, and little waits for it', async () => {
  await using server = await startScript({
    onRequest: (peer, id) => peer.send(frame(1, 5, id, LARGE_REPLY)),
  });
  const proxy = await proxyTo(server.port);
  try {
    using bad = await connectFrames(proxy.port, GREETING);
    bad.socket.pause();
    let id = 1;
    const ask = () => {
      const requests: Buffer[] = [];
      for (let call = 0; call < 500; call++, id += 2) requests.push(frame(1, 5, id, BLOCK));
      bad.send(...requests);
    };
    let mostBytes = 0;
    await until('it is not read any more', async () => {
      if (bad.socket.writableLength > MIB) return true;
      ask();
      await new Promise(setImmediate);
      mostBytes = Math.max(mostBytes, proxy.heldBytes);
      return proxy.heldBytes > 4 * MIB;
    });
    const startedCalls = proxy.counters.callsStarted;
    for (let more = 0; more < 20; more++) {
      ask();
      await new Promise(setImmediate);
    }
    mostBytes = Math.max(mostBytes, proxy.heldBytes);
    assert.ok(mostBytes < 12 * MIB, `${mostBytes} octets wait`);
    // 10,000 more were asked; those that were on their way were all that it took.
    const taken = proxy.counters.callsStarted - startedCalls;
    assert.ok(taken < 9_000, `${taken} more calls`);
  } finally {
    proxy.close();
  }
});

test('uploads on many streams to a server that takes nothing: bounded for all of them', async () => {
  // A window of a megabyte for each stream, 65,535 octets for all: they wait in the proxy.
  await using server = await startScript({ greeting: [frame(4, 0, 0, '000400100000')] });
  const proxy = await proxyTo(server.port);
  const fields = headerFields([...REQUEST.map(({ name, value }) => [name, value] as const)]);
  const transport = connectTransport(
    { host: '127.0.0.1', port: proxy.port },
    {},
    createRecorder({
      onSettings() {
        for (let call = 0; call < 32; call++) {
          const id = transport.connection.start(fields, false);
          transport.connection.write(id, Buffer.alloc(MIB), false);
        }
      },
    }),
    { onClose() {} },
  );
  try {
    await until('it is stalled', () => {
      const { connection } = transport;
      return (
        connection.queuedBytes > 0 && connection.sendWindowBytes === 0 && proxy.heldBytes > 8 * MIB
      );
    });
    await until('what was under way is here', () => proxy.heldBytes > 16 * MIB);
    assert.ok(proxy.heldBytes < 18 * MIB, `${proxy.heldBytes} octets are held`);
    transport.destroy();
    await until('all is let go', () => proxy.connectionCount === 0);
    assert.equal(proxy.heldBytes, 0);
  } finally {
    proxy.close();
  }
});

describe('a server', () => {
  for (const { name, octets, code } of floods(1)) {
    test(`${name}: cut off, and its client is told that it is unavailable`, async () => {
      let goawayCode = -1;
      await using server = await startScript({
        onRequest: (peer: ScriptPeer, id) => peer.send(replyHead(id), octets),
        onFrame(_peer, type, _id, payload) {
          if (type === 7) goawayCode = payload.readUInt32BE(4);
        },
      });
      const target = await wireTarget();
      const [proxy, other] = await Promise.all([proxyTo(server.port), proxyTo(target.port)]);
      try {
        using client = clientOf(proxy);
        using good = clientOf(other);
        const { code: status } = await client.say('hi');
        // 14, or 13 and 8 where the client's own HTTP/2 had something to say first.
        assert.ok([14, 13, 8].includes(status), `status ${status}`);
        await until('the GOAWAY', () => goawayCode >= 0);
        assert.equal(goawayCode, code);
        assert.equal((await good.say('after')).code, 0);
      } finally {
        proxy.close();
        other.close();
        target.stop();
      }
    });
  }

  test('a header bomb: its call alone fails', async () => {
    await using server = await startScript({
      onRequest: (peer, id) =>
        peer.send(frame(1, 5, id, Buffer.concat([Buffer.of(0x88), headerBomb().subarray(3)]))),
    });
    const proxy = await proxyTo(server.port);
    try {
      using client = clientOf(proxy);
      assert.equal((await client.say('hi')).code, 8);
    } finally {
      proxy.close();
    }
  });
});
