/**
 * The wire driver before whatever a socket can bring: each a status for the call and a sentence for
 * the run, nothing that hangs past the deadline, and nothing that is kept.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startCall } from '../../../test/support/call-witness.js';
import { frame, numberFrame, settingsFrame } from '../../../test/support/http2-frames.js';
import {
  message,
  replyHead,
  reset,
  type Script,
  type ScriptPeer,
  startScript,
  trailers,
} from '../../../test/support/http2-script.js';
import { createRng } from '../../base/rng.js';
import type { StatusName } from '../../base/status.js';
import { CANCEL, REFUSED_STREAM } from '../../http2/error-code.js';
import { clientSchema } from '../client-schema.js';
import { createDriver } from '../create-driver.js';
import type { Driver } from '../driver.js';

const DATA = 0;
const HEADERS = 1;
const PUSH_PROMISE = 5;
const PING = 6;
const WINDOW_UPDATE = 8;
const CONTINUATION = 9;
const END_HEADERS = 4;

interface Told {
  readonly client: Driver;
  readonly reasons: readonly string[];
}

function wire(address: string, options: Record<string, number> = {}): Told {
  const reasons: string[] = [];
  const spec = clientSchema.parse({ driver: 'wire', options });
  const client = createDriver([address], spec, {
    onConnectionLost: (_address, reason) => reasons.push(reason),
  });
  return { client, reasons };
}

const random = createRng(1, 'bad-peer');
const garbage = (octets: number) =>
  Uint8Array.from({ length: octets }, () => Math.floor(random() * 256));
const times = (count: number, octets: Uint8Array) =>
  Buffer.concat(Array.from({ length: count }, () => octets));
const ping = frame(PING, 0, 0, Buffer.alloc(8));

describe('peers that never become a server', () => {
  const cases: readonly (readonly [string, Script, RegExp])[] = [
    [
      'HTTP/1',
      { greeting: [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')] },
      /not an HTTP\/2 server: a frame of \d+ octets/,
    ],
    ['noise', { greeting: [garbage(10_000)] }, /not an HTTP\/2 server/],
    [
      'another frame than SETTINGS',
      { greeting: [ping] },
      /not an HTTP\/2 server: the first frame is not SETTINGS/,
    ],
    [
      'nothing at all',
      { greeting: [], isMute: true },
      /accepts, and sends no SETTINGS within 0.15 s/,
    ],
    [
      'half of its SETTINGS, and the end',
      {
        greeting: [settingsFrame([3, 100]).subarray(0, 12)],
        onConnection: ({ socket }) => socket.end(),
      },
      /closed the connection before it sent SETTINGS/,
    ],
    [
      'the end at once',
      { greeting: [], isMute: true, onConnection: ({ socket }) => socket.end() },
      /closed the connection before it sent SETTINGS/,
    ],
  ];
  for (const [name, script, sentence] of cases) {
    test(name, async () => {
      await using server = await startScript(script);
      const { client } = wire(server.address, { 'grpc.min_reconnect_backoff_ms': 150 });
      using _ = client;
      assert.equal((await startCall(client, 10_000).ended).status, 'UNAVAILABLE');
      // In backoff from now on, for most of a second at least.
      await assert.rejects(client.ready(1), sentence);
      assert.equal(server.peers.length, 1);
    });
  }

  test('silence is told of before the connection is given up', async () => {
    await using server = await startScript({ greeting: [], isMute: true });
    using client = wire(server.address).client;
    await assert.rejects(
      client.ready(50),
      /within 0.05 s: the peer accepts, and sends no SETTINGS/,
    );
    assert.equal((await startCall(client, 20).ended).status, 'DEADLINE_EXCEEDED');
  });
});

interface Break {
  readonly name: string;
  /** What it sends when the first request comes. */
  readonly octets: (streamId: number) => readonly Uint8Array[];
  readonly status: StatusName;
  /** Why the connection is lost; absent: it is not. */
  readonly reason?: RegExp;
}

const BREAKS: readonly Break[] = [
  {
    name: 'a frame that is too large',
    octets: (id) => [frame(DATA, 0, id, '', 20_000)],
    status: 'UNAVAILABLE',
    reason: /broke HTTP\/2: a frame of 20000 octets/,
  },
  {
    name: 'a field block that is none',
    octets: (id) => [frame(HEADERS, END_HEADERS, id, 'ffffffffff')],
    status: 'UNAVAILABLE',
    reason: /COMPRESSION_ERROR/,
  },
  {
    name: 'a window of the connection that overflows',
    octets: () => [numberFrame(WINDOW_UPDATE, 0, 0x7fff_ffff)],
    status: 'UNAVAILABLE',
    reason: /FLOW_CONTROL_ERROR/,
  },
  {
    name: 'a window of the stream that overflows',
    octets: (id) => [numberFrame(WINDOW_UPDATE, id, 0x7fff_ffff)],
    status: 'INTERNAL',
  },
  {
    name: 'a reply on a stream that nobody opened',
    octets: () => [replyHead(99)],
    status: 'UNAVAILABLE',
    reason: /HEADERS on the idle stream 99/,
  },
  {
    name: 'data after the end of the stream',
    octets: (id) => [replyHead(id), message(id), trailers(id), message(id)],
    status: 'OK',
    reason: /DATA on the closed stream 1/,
  },
  { name: 'data before the headers', octets: (id) => [message(id)], status: 'INTERNAL' },
  {
    name: 'a second header block that is no trailers',
    octets: (id) => [replyHead(id), replyHead(id)],
    status: 'INTERNAL',
  },
  {
    name: 'a push',
    octets: (id) => [frame(PUSH_PROMISE, END_HEADERS, id, '00000002838684')],
    status: 'UNAVAILABLE',
    reason: /PUSH_PROMISE was not allowed/,
  },
  {
    name: 'a flood of PING',
    octets: () => [times(5_000, ping)],
    status: 'UNAVAILABLE',
    reason: /PING comes too often \(ENHANCE_YOUR_CALM\)/,
  },
  {
    name: 'a flood of SETTINGS',
    octets: () => [times(500, settingsFrame())],
    status: 'UNAVAILABLE',
    reason: /SETTINGS come too often \(ENHANCE_YOUR_CALM\)/,
  },
  {
    name: 'a flood of empty data',
    octets: (id) => [replyHead(id), times(15_000, frame(DATA, 0, id))],
    status: 'UNAVAILABLE',
    reason: /too many frames that do nothing/,
  },
  {
    name: 'a field block without end',
    octets: (id) => [frame(HEADERS, 0, id, '88'), times(100, frame(CONTINUATION, 0, id, '00'))],
    status: 'UNAVAILABLE',
    reason: /ENHANCE_YOUR_CALM/,
  },
  {
    name: 'a storm of resets of a stream that is over',
    octets: (id) => [replyHead(id), message(id), trailers(id), times(20_000, reset(id, CANCEL))],
    status: 'OK',
  },
];

describe('peers that break the rules in the middle of a call', () => {
  for (const { name, octets, status, reason } of BREAKS) {
    test(name, async () => {
      await using server = await startScript({
        onRequest(peer, streamId) {
          const isFirst = peer.nth === 0 && peer.streams.length === 1;
          if (isFirst) peer.send(...octets(streamId));
          else peer.reply(streamId);
        },
      });
      const { client, reasons } = wire(server.address);
      using _ = client;
      await client.ready(5_000);
      assert.equal((await startCall(client, 1_000).ended).status, status);
      // The next call is served: on a new connection where the old one was given up.
      assert.equal((await startCall(client, 1_000).ended).status, 'OK');
      assert.equal(reasons.length, reason === undefined ? 0 : 1, reasons.join());
      assert.match(reasons[0] ?? '', reason ?? /^$/);
      assert.equal(server.peers.length, reason === undefined ? 1 : 2);
    });
  }

  test('half a frame, and the end', async () => {
    await using server = await startScript({
      onRequest(peer, streamId) {
        peer.send(replyHead(streamId).subarray(0, 15));
        peer.socket.end();
      },
    });
    const { client, reasons } = wire(server.address);
    using _ = client;
    await client.ready(5_000);
    assert.equal((await startCall(client, 1_000).ended).status, 'UNAVAILABLE');
    assert.deepEqual(reasons, ['the peer closed the connection']);
  });

  test('one octet a packet is slow, and not wrong', async () => {
    const trickle = (peer: ScriptPeer, octets: Buffer, at = 0) => {
      if (at === octets.length) return;
      peer.send(octets.subarray(at, at + 1));
      setImmediate(() => trickle(peer, octets, at + 1));
    };
    await using server = await startScript({
      greeting: [],
      isMute: true,
      onConnection: (peer) => trickle(peer, settingsFrame([3, 100])),
      onRequest: (peer, id) =>
        trickle(peer, Buffer.concat([replyHead(id), message(id), trailers(id)])),
    });
    const { client, reasons } = wire(server.address);
    using _ = client;
    await client.ready(5_000);
    assert.equal((await startCall(client, 5_000).ended).status, 'OK');
    assert.deepEqual(reasons, []);
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Octets of the heap that stay in use. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('peers that end every call', () => {
  const cases: readonly (readonly [string, number, StatusName, number])[] = [
    ['reset every stream', CANCEL, 'CANCELLED', 1],
    ['refuse every stream', REFUSED_STREAM, 'UNAVAILABLE', 2],
  ];
  for (const [name, code, status, attemptsEach] of cases) {
    test(`${name}: 10,000 calls, and nothing of them is kept`, async () => {
      let seen = 0;
      await using server = await startScript({
        onRequest(peer, streamId) {
          seen++;
          peer.streams.length = 0;
          peer.send(reset(streamId, code));
        },
      });
      const { client, reasons } = wire(server.address);
      using _ = client;
      await client.ready(5_000);
      const calls = async (count: number) => {
        for (let started = 0; started < count; started += 500) {
          const ended = Array.from({ length: 500 }, () => startCall(client, 5_000).ended);
          for (const one of await Promise.all(ended)) assert.equal(one.status, status);
        }
      };
      await calls(2_000);
      const before = heapUsed();
      await calls(10_000);
      const grown = heapUsed() - before;
      assert.ok(grown < 1_000_000, `${grown} octets more after 10,000 calls`);
      assert.equal(seen, 12_000 * attemptsEach);
      assert.deepEqual(reasons, []);
    });
  }
});
