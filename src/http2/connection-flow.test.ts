/** Windows in both directions (RFC 9113 §5.2 and §6.9), and what a peer may not do to us (§10.5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frame, inWords, numberFrame, settingsFrame } from '../../test/support/http2-frames.js';
import { createPair, REQUEST, RESPONSE, TRAILERS } from '../../test/support/http2-pair.js';
import {
  createRawClient,
  createRawServer,
  REQUEST_BLOCK,
  RESPONSE_BLOCK,
} from '../../test/support/http2-raw-peer.js';
import type { ConnectionLimits } from './connection-options.js';

test('sendData takes what both windows allow and says when it would take more', () => {
  const settings = [[4, 10]] as const;
  const { connection, events, send } = createRawServer(2, {}, {}, settings);
  const body = Buffer.from('abcdefghijklmnop');
  assert.equal(connection.sendData(1, body, 0, 16, true), 10);
  assert.equal(connection.sendWindowOf(1), 0);
  assert.equal(connection.sendData(1, body, 10, 16, true), 0);
  assert.deepEqual(send(), ['DATA 1 10'], 'no empty frame, and no END_STREAM yet');
  send(numberFrame(8, 1, 6));
  assert.deepEqual(events, ['writable 1']);
  assert.equal(connection.sendData(1, body, 10, 16, true), 6);
  assert.deepEqual(send(), ['DATA 1 6 end']);
  assert.equal(connection.sendData(1, body, 0, 1, true), -1, 'its half is closed');
});

test('a window that SETTINGS make negative is filled before anything is sent', () => {
  const { connection, events, send } = createRawServer(1, {}, {}, [[4, 100]]);
  connection.sendData(1, Buffer.alloc(60), 0, 60, false);
  send(settingsFrame([4, 10]));
  assert.equal(connection.sendWindowOf(1), 0, '-50');
  assert.equal(connection.sendData(1, Buffer.alloc(1), 0, 1, false), 0);
  send(numberFrame(8, 1, 50));
  assert.deepEqual(events, []);
  send(settingsFrame([4, 11]));
  assert.deepEqual(events, ['writable 1']);
  assert.equal(connection.sendWindowOf(1), 1);
});

test('the connection window is shared in the order of waiting', () => {
  const { connection, events, send } = createRawServer(3);
  const body = Buffer.alloc(65_535);
  assert.equal(connection.sendData(1, body, 0, 65_535, false), 65_535);
  for (const id of [3, 5]) assert.equal(connection.sendData(id, body, 0, 10, false), 0);
  send(numberFrame(8, 1, 5));
  assert.deepEqual(events, [], 'stream 1 has a window, the connection has none');
  send(numberFrame(8, 0, 5));
  assert.deepEqual(events, ['writable 3', 'writable 5']);
});

test('write queues octets and trailers behind the windows, and END_STREAM comes last', () => {
  const { connection, send } = createRawServer(1, {}, {}, [[4, 5]]);
  assert.equal(connection.write(1, Buffer.from('abcdefgh'), false), true);
  connection.write(1, Buffer.from('ij'), false);
  connection.sendHeaders(1, TRAILERS, true);
  assert.equal(connection.queuedBytes, 5);
  assert.deepEqual(send(), ['DATA 1 5']);
  assert.deepEqual(send(numberFrame(8, 1, 4)), ['DATA 1 4']);
  assert.deepEqual(send(numberFrame(8, 1, 1)), ['DATA 1 1', 'HEADERS 1 end']);
  assert.equal(connection.queuedBytes, 0);
  const reset = createRawServer(1, {}, {}, [[4, 5]]);
  reset.connection.write(1, Buffer.alloc(100), true);
  reset.send(numberFrame(8, 1, 30));
  assert.equal(reset.connection.queuedBytes, 65);
  reset.send(numberFrame(3, 1, 8));
  assert.equal(reset.connection.queuedBytes, 0, 'forgotten with its stream');
});

test('a queue that ends with END_STREAM is forgotten while the stream still receives', () => {
  const { connection, events, send } = createRawServer(1, {}, {}, [[4, 1]]);
  connection.write(1, Buffer.from('abc'), true);
  assert.deepEqual(send(numberFrame(8, 1, 9)), ['DATA 1 1', 'DATA 1 2 end']);
  assert.equal(connection.queuedBytes, 0);
  send(frame(1, 5, 1, RESPONSE_BLOCK));
  assert.deepEqual(events, ['headers 1 200 end', 'over 1']);
});

test('octets of one stream that follow each other share a frame, as long as it has room', () => {
  const { connection, send } = createRawServer(3);
  const [a, b] = [Buffer.alloc(3, 1), Buffer.alloc(16_380, 2)];
  connection.sendData(1, a, 0, 3, false);
  assert.deepEqual([connection.sendMessage(1, -1, a, false) > 0], [true]);
  connection.sendData(3, a, 0, 3, false);
  connection.sendData(1, a, 1, 3, false);
  connection.sendData(1, b, 0, b.length, false);
  connection.sendData(1, a, 0, 3, true);
  const frames = ['DATA 1 11', 'DATA 3 3', 'DATA 1 16382', 'DATA 1 3 end'];
  assert.deepEqual(send(), frames);
  connection.sendData(3, a, 0, 3, false);
  assert.deepEqual(send(), ['DATA 3 3'], 'what was taken is not reached back to');
});

test('a message goes whole or not at all', () => {
  const { connection, send } = createRawServer(1, {}, {}, [[4, 20]]);
  assert.equal(connection.sendMessage(1, -1, Buffer.alloc(10), false), 5);
  assert.equal(connection.sendMessage(1, -1, Buffer.alloc(1), false), -1, 'six octets into five');
  assert.equal(connection.sendMessage(1, -1, Buffer.alloc(0), true), 0);
  assert.deepEqual(send(), ['DATA 1 20']);
  connection.write(1, Buffer.alloc(9), false);
  send(numberFrame(8, 1, 4));
  assert.equal(connection.sendMessage(1, -1, Buffer.alloc(0), false), -1, 'behind what waits');
  assert.equal(connection.sendMessage(7, -1, Buffer.alloc(0), false), -1, 'no such stream');
});

test('windows are filled up once half of them is used, padding counted', () => {
  const settings = { initialWindowSize: 1_000 };
  const { send } = createRawServer(1, { settings, connectionWindowBytes: 65_535 });
  send(frame(1, 4, 1, RESPONSE_BLOCK));
  assert.deepEqual(send(frame(0, 0, 1, new Uint8Array(499))), []);
  assert.deepEqual(send(frame(0, 8, 1, '00')), ['WINDOW_UPDATE 1 +500']);
  assert.deepEqual(send(frame(0, 8, 1, Buffer.concat([Buffer.of(255), Buffer.alloc(600)]))), [
    'WINDOW_UPDATE 1 +601',
  ]);
});

test('with manual windows nothing is given back that the owner has not consumed', () => {
  const settings = { initialWindowSize: 1_000 };
  for (const windowUpdates of ['manual-streams', 'manual'] as const) {
    const options = { settings, windowUpdates, connectionWindowBytes: 65_535 };
    const { connection, send } = createRawServer(40, options);
    const ids = Array.from({ length: 40 }, (_, i) => i * 2 + 1);
    const bodies = ids.map((id) =>
      Buffer.concat([frame(1, 4, id, RESPONSE_BLOCK), frame(0, 0, id, new Uint8Array(1_000))]),
    );
    const answers = send(...bodies);
    const onConnection = windowUpdates === 'manual' ? [] : ['WINDOW_UPDATE 0 +33000'];
    assert.deepEqual(answers, onConnection);
    connection.consume(1, 400);
    assert.deepEqual(send(), []);
    connection.consume(1, 600);
    assert.deepEqual(send(), ['WINDOW_UPDATE 1 +1000']);
    for (const id of ids.slice(1)) connection.reset(id, 8);
    send();
    for (const id of ids.slice(1)) connection.consume(id, 1_000);
    const late = windowUpdates === 'manual' ? ['WINDOW_UPDATE 0 +33000'] : [];
    assert.deepEqual(send(), late, 'octets of ended streams count too');
  }
});

test('a stream whose window is held gets octets back when its owner has consumed them', () => {
  const settings = { initialWindowSize: 1_000 };
  const { connection, send } = createRawServer(2, { settings, connectionWindowBytes: 65_535 });
  const octets = (id: number, count: number) => frame(0, 0, id, new Uint8Array(count));
  send(frame(1, 4, 1, RESPONSE_BLOCK), frame(1, 4, 3, RESPONSE_BLOCK), octets(1, 400));
  assert.equal(connection.holdStreamWindow(1), true);
  assert.equal(connection.holdStreamWindow(99), false);
  const padded = frame(0, 8, 1, Buffer.concat([Buffer.of(99), Buffer.alloc(100)]));
  assert.deepEqual(send(octets(1, 500)), [], '400 came before: they are not its owner’s');
  assert.deepEqual(send(octets(3, 500)), ['WINDOW_UPDATE 3 +500'], 'the other is automatic');
  connection.consume(3, 500);
  connection.consume(1, 100);
  assert.deepEqual(send(), ['WINDOW_UPDATE 1 +500']);
  assert.deepEqual(send(padded), [], 'padding is nobody’s to consume, and not half a window');
  connection.consume(1, 400);
  assert.deepEqual(send(), ['WINDOW_UPDATE 1 +500'], 'with the padding and its length');
  assert.deepEqual(send(octets(1, 1_000)), ['RST_STREAM 1 code=3'], 'one octet was not consumed');
});

test('who holds all windows by option has nothing to take over', () => {
  const settings = { initialWindowSize: 1_000 };
  const { connection, send } = createRawServer(1, { settings, windowUpdates: 'manual-streams' });
  send(frame(1, 4, 1, RESPONSE_BLOCK));
  connection.holdStreamWindow(1);
  assert.deepEqual(send(frame(0, 0, 1, new Uint8Array(1_000))), []);
  connection.consume(1, 1_000);
  assert.deepEqual(send(), ['WINDOW_UPDATE 1 +1000']);
});

test('§6.9.1 a peer that ignores a window: FLOW_CONTROL_ERROR', () => {
  const options = { settings: { initialWindowSize: 1_000 }, windowUpdates: 'manual' } as const;
  const stream = createRawServer(1, options);
  stream.send(frame(1, 4, 1, RESPONSE_BLOCK));
  assert.deepEqual(stream.send(frame(0, 0, 1, new Uint8Array(1_001))), ['RST_STREAM 1 code=3']);
  const connection = createRawServer(5, {
    settings: { initialWindowSize: 16_000 },
    windowUpdates: 'manual',
    connectionWindowBytes: 65_535,
  });
  const bodies = [1, 3, 5, 7, 9].map((id) =>
    Buffer.concat([frame(1, 4, id, RESPONSE_BLOCK), frame(0, 0, id, new Uint8Array(14_000))]),
  );
  assert.deepEqual(connection.send(...bodies), ['GOAWAY last=0 code=3']);
});

test('§6.5.3 a smaller window holds only once the peer has acknowledged it', () => {
  const { connection, send } = createRawServer(1, { windowUpdates: 'manual' });
  connection.announce({ initialWindowSize: 100 });
  assert.deepEqual(send(frame(1, 4, 1, RESPONSE_BLOCK)), ['SETTINGS']);
  assert.deepEqual(send(frame(0, 0, 1, new Uint8Array(1_000))), [], 'it did not know');
  assert.equal(connection.unacknowledgedSettings, 1);
  send(frame(4, 1, 0));
  assert.deepEqual(send(frame(0, 0, 1, '00')), ['RST_STREAM 1 code=3'], 'now it does');
});

test('§4.2 the peer’s frame size cuts what is sent', () => {
  const { connection, send } = createRawServer(1, {}, {}, [
    [5, 20_000],
    [4, 100_000],
  ]);
  connection.sendData(1, Buffer.alloc(45_000), 0, 45_000, true);
  assert.deepEqual(send(), ['DATA 1 20000', 'DATA 1 20000', 'DATA 1 5000 end']);
});

const CALM = ['GOAWAY last=1 code=11'];

function flood(limits: Partial<ConnectionLimits>, count: number, one: (i: number) => Buffer) {
  let nowNs = 0;
  const { connection, send } = createRawClient({ limits, now: () => nowNs });
  send(frame(1, 4, 1, REQUEST_BLOCK));
  const answer = send(...Array.from({ length: count }, (_, i) => one(i)));
  const spare = (wait: number, ...frames: Buffer[]) => {
    nowNs += wait;
    return send(...frames);
  };
  return { connection, answer, spare };
}

const FLOODS: [string, Partial<ConnectionLimits>, (i: number) => Buffer][] = [
  ['PING', { pings: { burst: 9, perSecond: 1 } }, () => frame(6, 0, 0, '00'.repeat(8))],
  ['SETTINGS', { settings: { burst: 10, perSecond: 1 } }, () => settingsFrame()],
  ['empty DATA', { idleFrames: { burst: 9, perSecond: 1 } }, () => frame(0, 0, 1)],
  ['PRIORITY', { idleFrames: { burst: 9, perSecond: 1 } }, () => frame(2, 0, 1, '0000000010')],
  ['unknown frames', { idleFrames: { burst: 9, perSecond: 1 } }, () => frame(99, 0, 1)],
];

for (const [what, limits, one] of FLOODS) {
  test(`§10.5 a flood of ${what}: ENHANCE_YOUR_CALM`, () => {
    const { answer } = flood(limits, 10, one);
    assert.deepEqual(answer.slice(-1), CALM);
    const { connection, spare } = flood(limits, 9, one);
    assert.equal(connection.isClosed, false);
    spare(1e9, one(9));
    assert.equal(connection.isClosed, false, 'a second later there is one more');
    spare(0, one(10));
    assert.equal(connection.isClosed, true);
  });
}

test('§10.5 rapid reset: streams opened and reset, by the client or by its own mistakes', () => {
  const limits = { resets: { burst: 9, perSecond: 1 } };
  const opened = (i: number) => frame(1, 5, i * 2 + 3, REQUEST_BLOCK);
  const reset = (i: number) => Buffer.concat([opened(i), numberFrame(3, i * 2 + 3, 8)]);
  assert.deepEqual(flood(limits, 10, reset).answer, ['GOAWAY last=21 code=11']);
  assert.equal(flood(limits, 9, reset).connection.isClosed, false);
  const provoked = (i: number) => Buffer.concat([opened(i), numberFrame(8, i * 2 + 3, 0)]);
  assert.deepEqual(flood(limits, 10, provoked).answer.slice(-1), ['GOAWAY last=21 code=11']);
});

test('§10.5 answers that are not read do not pile up', () => {
  const { connection, send } = createRawClient({ limits: { unsentRepliesMax: 50 } });
  for (let i = 0; i < 50; i++) connection.receive(frame(6, 0, 0, '00'.repeat(8)));
  assert.equal(connection.isClosed, false);
  assert.equal(send().length, 50);
  for (let i = 0; i < 51; i++) connection.receive(frame(6, 0, 0, '00'.repeat(8)));
  assert.equal(connection.isClosed, true);
});

test('§10.5.1 a header list above the limit ends its stream alone', () => {
  const { client, server, serverEvents, clientEvents, pump } = createPair({
    server: { settings: { maxHeaderListSize: 300 } },
  });
  const large = [...REQUEST, { name: 'x', value: 'y'.repeat(300), neverIndexed: false }];
  client.start(large, true);
  client.start(REQUEST, true);
  pump();
  assert.deepEqual(clientEvents.events, ['reset 1 11 peer', 'over 1']);
  assert.deepEqual(serverEvents.events, ['headers 3 request end']);
  assert.equal(server.isClosed, false);
});

test('output that no read will flush is announced, once', () => {
  let announced = 0;
  const { client, pump } = createPair({ client: { onOutput: () => void announced++ } });
  pump();
  client.start(REQUEST, true);
  client.start(REQUEST, true);
  assert.equal(announced, 1);
  client.takeOutput();
  client.start(REQUEST, true);
  assert.equal(announced, 2);
});

test('bodies of any size cross in pieces of any size, through any window', () => {
  const sizes = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 4 });
  const options = fc.record({
    up: sizes,
    window: fc.integer({ min: 1, max: 3_000 }),
    piece: fc.integer({ min: 1, max: 400 }),
  });
  fc.assert(
    fc.property(options, ({ up, window, piece }) => {
      const settings = { initialWindowSize: window };
      const { client, server, clientEvents, pump } = createPair({
        client: { settings, connectionWindowBytes: 65_535 },
        server: { settings },
        onServer: {
          onHeaders: (id, block) => {
            if (block.kind === 'request') server.sendHeaders(id, RESPONSE, false);
          },
          onData(id, bytes, start, stop, end) {
            server.write(id, Buffer.from(bytes.subarray(start, stop)), false);
            if (end) server.sendHeaders(id, TRAILERS, true);
          },
        },
      });
      const bodies = up.map((size, i) => Buffer.alloc(size, i + 1));
      const ids = bodies.map((body) => {
        const id = client.start(REQUEST, false);
        client.write(id, body, true);
        return id;
      });
      pump(piece);
      ids.forEach((id, i) => {
        assert.ok(
          (clientEvents.bodies.get(id) ?? Buffer.alloc(0)).equals(bodies[i] ?? Buffer.of(0)),
        );
      });
      const left = [client.streamCount, server.streamCount, client.queuedBytes, server.queuedBytes];
      assert.deepEqual(left, [0, 0, 0, 0]);
    }),
    { numRuns: 400 },
  );
});

const anyFrame = fc
  .tuple(
    fc.nat(10),
    fc.constantFrom(0, 1, 4, 5, 8, 9, 0x24),
    fc.constantFrom(0, 1, 2, 3, 5, 7),
    fc.oneof(
      fc
        .constantFrom(REQUEST_BLOCK, RESPONSE_BLOCK, '00000001', '0000000000000000', '')
        .map((text) => Buffer.from(text, 'hex')),
      fc.uint8Array({ maxLength: 20 }),
    ),
  )
  .map(([type, flags, id, payload]) => frame(type, flags, id, payload));

test('any frames and any octets: no crash, well-formed output, each stream ended once', () => {
  const input = fc.array(
    fc.oneof({ weight: 8, arbitrary: anyFrame }, fc.uint8Array({ maxLength: 12 })),
    {
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(input, fc.boolean(), (frames, isClient) => {
      const { connection, events, send } = isClient ? createRawServer(3) : createRawClient();
      const answer = send(...frames);
      assert.equal(connection.isClosed, answer.at(-1)?.startsWith('GOAWAY') ?? false);
      connection.lost();
      const over = events.filter((event) => event.startsWith('over'));
      assert.equal(new Set(over).size, over.length);
      const opened = new Set(events.flatMap((event) => /^headers (\d+)/.exec(event)?.[1] ?? []));
      if (isClient) assert.equal(over.length, 3);
      else assert.equal(over.length, opened.size);
      assert.equal(connection.streamCount, 0);
      assert.deepEqual(inWords(connection.takeOutput()), []);
    }),
    { numRuns: 10_000 },
  );
});
