/**
 * What ends a stream, and what ends the connection, with which code: RFC 9113 section by section.
 * The peer is played by hand; `GOAWAY … code=` is a connection error, `RST_STREAM` a stream error.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame, numberFrame, settingsFrame } from '../../test/support/http2-frames.js';
import { createPair, REQUEST, RESPONSE, TRAILERS } from '../../test/support/http2-pair.js';
import {
  createRawClient,
  createRawServer,
  REQUEST_BLOCK,
  RESPONSE_BLOCK,
  TRAILERS_BLOCK,
} from '../../test/support/http2-raw-peer.js';
import type { Connection } from './connection.js';
import { CLIENT_PREFACE } from './frame.js';
import { headerFields } from './header-field.js';

/** Name, what a client sends to a server at rest, what the server answers. */
const TO_SERVER: [string, Buffer[], string[]][] = [
  ['§5.1 DATA on an idle stream', [frame(0, 0, 1, '00')], ['GOAWAY last=0 code=1']],
  ['§5.1 RST_STREAM on an idle stream', [numberFrame(3, 1, 8)], ['GOAWAY last=0 code=1']],
  ['§5.1 WINDOW_UPDATE on an idle stream', [numberFrame(8, 1, 8)], ['GOAWAY last=0 code=1']],
  ['§5.1.1 HEADERS on an even stream', [frame(1, 5, 2, REQUEST_BLOCK)], ['GOAWAY last=0 code=1']],
  [
    '§5.1.1 HEADERS on a stream below the last one',
    [frame(1, 5, 5, REQUEST_BLOCK), frame(1, 5, 3, REQUEST_BLOCK)],
    ['GOAWAY last=5 code=5'],
  ],
  [
    '§5.1 half closed (remote): DATA after END_STREAM',
    [frame(1, 5, 1, REQUEST_BLOCK), frame(0, 0, 1, '00')],
    ['RST_STREAM 1 code=5'],
  ],
  [
    '§5.1 half closed (remote): HEADERS after END_STREAM',
    [frame(1, 5, 1, REQUEST_BLOCK), frame(1, 5, 1, TRAILERS_BLOCK)],
    ['RST_STREAM 1 code=5'],
  ],
  [
    '§5.1 DATA after the peer’s own RST_STREAM',
    [frame(1, 4, 1, REQUEST_BLOCK), numberFrame(3, 1, 8), frame(0, 0, 1, '00')],
    ['GOAWAY last=1 code=5'],
  ],
  [
    '§5.1 WINDOW_UPDATE and RST_STREAM on a closed stream are ignored',
    [
      frame(1, 4, 1, REQUEST_BLOCK),
      numberFrame(3, 1, 8),
      numberFrame(8, 1, 1),
      numberFrame(3, 1, 8),
    ],
    [],
  ],
  [
    '§6.9 WINDOW_UPDATE by nothing on a stream',
    [frame(1, 4, 1, REQUEST_BLOCK), numberFrame(8, 1, 0)],
    ['RST_STREAM 1 code=1'],
  ],
  [
    '§6.9.1 the window of a stream overflows',
    [frame(1, 4, 1, REQUEST_BLOCK), numberFrame(8, 1, 0x7fff_ffff)],
    ['RST_STREAM 1 code=3'],
  ],
  [
    '§6.9.1 the connection window overflows',
    [numberFrame(8, 0, 0x7fff_ffff)],
    ['GOAWAY last=0 code=3'],
  ],
  [
    '§6.9.2 SETTINGS overflow the window of a stream',
    [frame(1, 4, 1, REQUEST_BLOCK), numberFrame(8, 1, 1), settingsFrame([4, 0x7fff_ffff])],
    ['SETTINGS ack', 'GOAWAY last=1 code=3'],
  ],
  ['§6.5.2 ENABLE_PUSH of 2', [settingsFrame([2, 2])], ['GOAWAY last=0 code=1']],
  ['§6.5.2 a window above 2^31-1', [settingsFrame([4, 0x8000_0000])], ['GOAWAY last=0 code=3']],
  ['§6.5.2 a frame size below 16,384', [settingsFrame([5, 16_383])], ['GOAWAY last=0 code=1']],
  ['§6.5.2 a frame size above 2^24-1', [settingsFrame([5, 0x100_0000])], ['GOAWAY last=0 code=1']],
  ['§6.5.2 an unknown setting is ignored', [settingsFrame([0x99, 1])], ['SETTINGS ack']],
  ['§6.5.3 an acknowledgement of nothing', [frame(4, 1, 0)], ['GOAWAY last=0 code=1']],
  ['§6.7 PING is answered', [frame(6, 0, 0, '0102030405060708')], ['PING ack']],
  ['§6.7 an answer to no PING is ignored', [frame(6, 1, 0, '0102030405060708')], []],
  [
    '§6.8 GOAWAY may not raise its last stream',
    [frame(7, 0, 0, '0000000100000000'), frame(7, 0, 0, '0000000300000000')],
    ['GOAWAY last=0 code=1'],
  ],
  ['§4.3 a block that does not decode', [frame(1, 5, 1, 'ff')], ['GOAWAY last=0 code=9']],
  ['§8.1.1 a request without :path', [frame(1, 5, 1, '8386')], ['RST_STREAM 1 code=1']],
  ['§8.3 a pseudo-field twice', [frame(1, 5, 1, '83838684')], ['RST_STREAM 1 code=1']],
  ['§8.3 a pseudo-field of a response', [frame(1, 5, 1, '83868488')], ['RST_STREAM 1 code=1']],
  [
    '§8.3 a pseudo-field after a regular one',
    [frame(1, 5, 1, `8386${TRAILERS_BLOCK}84`)],
    ['RST_STREAM 1 code=1'],
  ],
  ['§8.2.1 upper case in a name', [frame(1, 5, 1, '838684 0001410162')], ['RST_STREAM 1 code=1']],
  ['§8.2.1 a line feed in a value', [frame(1, 5, 1, '838684 000161010a')], ['RST_STREAM 1 code=1']],
  [
    '§8.2.2 "connection" has no place',
    [frame(1, 5, 1, `838684 000a${Buffer.from('connection').toString('hex')}0161`)],
    ['RST_STREAM 1 code=1'],
  ],
  [
    '§8.2.2 "te" but not trailers',
    [frame(1, 5, 1, '838684 0002746501 61')],
    ['RST_STREAM 1 code=1'],
  ],
  [
    '§8.1 trailers that do not end the stream',
    [frame(1, 4, 1, REQUEST_BLOCK), frame(1, 4, 1, TRAILERS_BLOCK)],
    ['RST_STREAM 1 code=1'],
  ],
  [
    '§8.1 trailers with a pseudo-field',
    [frame(1, 4, 1, REQUEST_BLOCK), frame(1, 5, 1, REQUEST_BLOCK)],
    ['RST_STREAM 1 code=1'],
  ],
  [
    '§5.1 after our RST_STREAM all that comes is ignored, and the table kept in step',
    [
      frame(1, 5, 1, '83868688'),
      frame(0, 0, 1, '00'),
      frame(1, 4, 1, '4001610162'),
      frame(1, 5, 3, '838684be'),
    ],
    ['RST_STREAM 1 code=1'],
  ],
  ['§4.1 an unknown frame type', [frame(0x42, 0xff, 9, '01')], []],
  ['§6.3 PRIORITY in any state', [frame(2, 0, 9, '0000000010')], []],
];

for (const [what, frames, answer] of TO_SERVER) {
  test(`server: ${what}`, () => {
    const { connection, events, send } = createRawClient();
    assert.deepEqual(send(...frames), answer);
    const isFatal = answer.some((line) => line.startsWith('GOAWAY'));
    assert.equal(connection.isClosed, isFatal);
    assert.equal(events.filter((event) => event.startsWith('closed')).length, isFatal ? 1 : 0);
    if (isFatal)
      assert.deepEqual(send(frame(6, 0, 0, '00'.repeat(8))), [], 'it reads nothing more');
  });
}

/** Name, what a server sends to a client with streams 1 and 3 open, what the client answers. */
const TO_CLIENT: [string, Buffer[], string[]][] = [
  ['§8.1 DATA before HEADERS', [frame(0, 0, 1, '00')], ['RST_STREAM 1 code=1']],
  ['§8.1 trailers before HEADERS', [frame(1, 5, 1, TRAILERS_BLOCK)], ['RST_STREAM 1 code=1']],
  ['§8.1 a 1xx response with END_STREAM', [frame(1, 5, 1, '0803313033')], ['RST_STREAM 1 code=1']],
  ['§8.3.2 :status is no number', [frame(1, 5, 1, '08036f6b21')], ['RST_STREAM 1 code=1']],
  ['§8.3.2 a request as a response', [frame(1, 5, 1, REQUEST_BLOCK)], ['RST_STREAM 1 code=1']],
  ['§8.1 a second response', [frame(1, 4, 1, '88'), frame(1, 5, 1, '88')], ['RST_STREAM 1 code=1']],
  [
    '§5.1.1 HEADERS on a stream that was not opened',
    [frame(1, 4, 5, '88')],
    ['GOAWAY last=0 code=1'],
  ],
  ['§5.1.1 HEADERS on an even stream', [frame(1, 4, 2, '88')], ['GOAWAY last=0 code=1']],
  ['§8.4 PUSH_PROMISE', [frame(5, 4, 1, '0000000282')], ['GOAWAY last=0 code=1']],
  ['§6.5.2 a server that enables push', [settingsFrame([2, 1])], ['GOAWAY last=0 code=1']],
];

for (const [what, frames, answer] of TO_CLIENT) {
  test(`client: ${what}`, () => {
    assert.deepEqual(createRawServer(2).send(...frames), answer);
  });
}

test('§3.4 anything but the preface is refused, also one octet at a time', () => {
  for (const wrong of ['GET / HTTP/1.1\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\rX']) {
    const { connection, events } = createPairEnds();
    for (const octet of Buffer.from(wrong)) connection.receive(Uint8Array.of(octet));
    assert.deepEqual(events, ['closed 1']);
  }
  const { connection, events } = createPairEnds();
  for (const octet of Buffer.concat([CLIENT_PREFACE, settingsFrame()])) {
    connection.receive(Uint8Array.of(octet));
  }
  assert.deepEqual([events, connection.isReady], [[], true]);
});

function createPairEnds() {
  const { server, serverEvents } = createPair();
  return { connection: server, events: serverEvents.events };
}

test('a call: 1xx, response, body, trailers, each half closing where it may', () => {
  const { client, server, clientEvents, serverEvents, pump } = createPair();
  const id = client.start(REQUEST, false);
  client.write(id, Buffer.from('ping'), true);
  pump();
  server.sendHeaders(id, headerFields([[':status', '103']]), false);
  server.sendHeaders(id, RESPONSE, false);
  server.write(id, Buffer.from('pong'), false);
  server.sendHeaders(id, TRAILERS, true);
  pump();
  assert.deepEqual(serverEvents.events, ['headers 1 request', 'data 1 4', 'data end 1', 'over 1']);
  const reply = ['headers 1 103', 'headers 1 200', 'data 1 4', 'headers 1 trailers end', 'over 1'];
  assert.deepEqual(clientEvents.events, reply);
  assert.deepEqual([client.streamCount, server.streamCount], [0, 0]);
});

test('END_STREAM in every place: on HEADERS, on DATA, on empty DATA, on trailers', () => {
  const { client, server, clientEvents, pump } = createPair({
    onServer: {
      onHeaders(id, block, end) {
        if (end && block.kind === 'request') server.sendHeaders(id, RESPONSE, true);
      },
      onData: (id, _bytes, _start, _stop, end) => {
        if (end) server.sendHeaders(id, RESPONSE, true);
      },
    },
  });
  client.start(REQUEST, true);
  client.write(client.start(REQUEST, false), Buffer.from('x'), true);
  client.write(client.start(REQUEST, false), Buffer.alloc(0), true);
  pump();
  const withTrailers = client.start(REQUEST, false);
  client.sendHeaders(withTrailers, TRAILERS, true);
  pump();
  server.sendHeaders(withTrailers, RESPONSE, true);
  pump();
  assert.deepEqual(
    clientEvents.events,
    [1, 3, 5, 7].flatMap((id) => [`headers ${id} 200 end`, `over ${id}`]),
  );
});

test('§8.1 RST_STREAM(NO_ERROR) after a whole reply is no failure', () => {
  const { client, server, clientEvents, pump } = createPair();
  const id = client.start(REQUEST, false);
  pump();
  server.sendHeaders(id, RESPONSE, false);
  server.sendHeaders(id, TRAILERS, true);
  server.reset(id, 0);
  pump();
  assert.deepEqual(clientEvents.events.slice(-3), [
    'headers 1 trailers end',
    'reset 1 0 done',
    'over 1',
  ]);
  assert.equal(client.write(id, Buffer.from('late'), true), false, 'harmless');
});

test('§5.1 what comes after our own RST_STREAM is ignored, and counted in the window', () => {
  const { connection, events, send } = createRawServer(1, { connectionWindowBytes: 65_535 });
  connection.reset(1, 8);
  const body = Array.from({ length: 3 }, () => frame(0, 0, 1, new Uint8Array(16_000)));
  const answer = send(frame(1, 4, 1, RESPONSE_BLOCK), ...body);
  assert.deepEqual(answer, ['RST_STREAM 1 code=8', 'WINDOW_UPDATE 0 +48000']);
  assert.deepEqual(events, ['over 1'], 'the owner knows what it reset');
  assert.equal(connection.isClosed, false);
});

test('a reset by the peer, and a second reset by us: told once', () => {
  const { connection, events, send } = createRawServer(
    1,
    {},
    {
      onReset: (id) => assert.equal(connection.reset(id, 8), false),
    },
  );
  assert.deepEqual(send(numberFrame(3, 1, 11)), []);
  assert.deepEqual(events, ['reset 1 11 peer', 'over 1']);
});

test('§6.8 GOAWAY: what is above it was not processed, the rest goes on', () => {
  const { connection, events, send } = createRawServer(3);
  send(frame(7, 0, 0, '00000003 00000000 627965'));
  assert.deepEqual(events, ['goaway 3 0', 'reset 5 7 unprocessed', 'over 5']);
  assert.equal(connection.canStart, false);
  assert.equal(connection.start(REQUEST, true), 0);
  send(numberFrame(3, 1, 2), numberFrame(3, 3, 2));
  assert.equal(events.at(-1), 'idle');
});

test('§6.8 a server shuts down in two steps and loses nothing that is under way', () => {
  const { client, server, clientEvents, serverEvents, pump } = createPair();
  const first = client.start(REQUEST, false);
  pump();
  server.shutdown();
  const crossing = client.start(REQUEST, false);
  pump();
  assert.deepEqual(clientEvents.events, [`goaway ${2 ** 31 - 1} 0`, 'goaway 3 0']);
  assert.ok(serverEvents.events.includes('headers 3 request'), 'it came before the last word');
  for (const id of [first, crossing]) {
    client.write(id, Buffer.alloc(0), true);
    server.sendHeaders(id, RESPONSE, true);
  }
  pump();
  assert.equal(serverEvents.events.at(-1), 'idle');
  assert.equal(clientEvents.events.at(-1), 'idle');
});

test('§6.8 what a GOAWAY has refused stays refused: a later one never names a higher stream', () => {
  const { client, server, clientEvents, pump } = createPair();
  client.start(REQUEST, false);
  client.start(REQUEST, false);
  pump();
  server.goaway(1, 0, 'first');
  server.goaway(3, 0, 'second');
  pump();
  const goaways = clientEvents.events.filter((event) => event.startsWith('goaway'));
  assert.deepEqual(goaways, ['goaway 1 0', 'goaway 1 0']);
  assert.equal(client.isClosed, false);
});

test('a server after its last word ignores new streams but keeps the table in step', () => {
  const { connection, events, send } = createRawClient();
  connection.shutdown();
  send(frame(6, 1, 0, Buffer.from('squall\u002e\u002e')), frame(1, 5, 1, REQUEST_BLOCK));
  assert.deepEqual(events, ['headers 1 request end'], 'before it a stream is still taken');
  const words = createRawClient();
  words.connection.shutdown();
  const sent = framesAfterShutdown(words.connection);
  words.send(frame(6, 1, 0, sent));
  assert.deepEqual(words.send(frame(1, 5, 1, `${REQUEST_BLOCK}4001610162`)), []);
  assert.deepEqual(words.send(frame(0, 1, 1, '00'), frame(1, 5, 3, `${REQUEST_BLOCK}be`)), []);
  assert.deepEqual(words.events, ['idle']);
});

test('a server that has only warned is not idle: a stream may be on its way', () => {
  const { connection, events, send } = createRawClient();
  send(frame(1, 5, 1, REQUEST_BLOCK));
  connection.shutdown();
  const ping = framesAfterShutdown(connection);
  connection.sendHeaders(1, RESPONSE, true);
  send(frame(1, 5, 3, REQUEST_BLOCK), frame(6, 1, 0, ping));
  connection.sendHeaders(3, RESPONSE, true);
  const inTurn = [1, 3].flatMap((id) => [`headers ${id} request end`, `over ${id}`]);
  assert.deepEqual(events, [...inTurn, 'idle'], 'the first end is not the last');
});

/** The payload of the PING that a shutdown sends. */
function framesAfterShutdown(connection: Connection): Uint8Array {
  const output = connection.takeOutput() ?? Buffer.alloc(0);
  return Uint8Array.from(output.subarray(output.length - 8));
}

test('§5.1.2 streams above the announced limit are refused, and the peer’s limit is kept', () => {
  const { client, server, serverEvents, pump } = createPair({
    server: { settings: { maxConcurrentStreams: 2 } },
  });
  const early = [
    client.start(REQUEST, true),
    client.start(REQUEST, true),
    client.start(REQUEST, true),
  ];
  pump();
  // The limit was not known yet to the client, and not acknowledged when the streams came.
  assert.deepEqual(early, [1, 3, 5]);
  assert.equal(serverEvents.events.length, 3);
  assert.equal(client.canStart, false);
  assert.equal(client.start(REQUEST, true), 0);
  server.sendHeaders(1, RESPONSE, true);
  server.sendHeaders(3, RESPONSE, true);
  pump();
  assert.equal(client.start(REQUEST, true), 7);
  const { events, send } = createRawClient({ settings: { maxConcurrentStreams: 1 } });
  const answer = send(frame(1, 4, 1, REQUEST_BLOCK), frame(1, 4, 3, REQUEST_BLOCK));
  assert.deepEqual(answer, ['RST_STREAM 3 code=7']);
  assert.deepEqual(events, ['headers 1 request']);
});

test('a slot is free when the owner hears of the end: at the limit one start follows another', () => {
  let started = 0;
  const { client, server, pump } = createPair({
    server: { settings: { maxConcurrentStreams: 1 } },
    onServer: { onHeaders: (id) => void server.sendHeaders(id, RESPONSE, true) },
    onClient: {
      onStreamEnd() {
        if (started < 50) {
          assert.ok(client.start(REQUEST, true) > 0);
          started++;
        }
      },
    },
  });
  pump();
  client.start(REQUEST, true);
  pump();
  assert.equal(started, 50);
  assert.equal(client.slotCount, 64);
});

test('PING comes back with its round-trip time', () => {
  let nowNs = 1_000;
  const { client, pump } = createPair({ client: { now: () => nowNs } });
  const times: number[] = [];
  assert.ok(client.ping((ns) => times.push(ns)));
  nowNs += 250;
  assert.ok(client.ping((ns) => times.push(ns)));
  nowNs += 250;
  pump();
  assert.deepEqual(times, [500, 250]);
  for (let i = 0; i < 64; i++) client.ping(() => {});
  assert.equal(
    client.ping(() => {}),
    false,
    'a bound on what waits',
  );
});

test('close and lost end every stream, once', () => {
  for (const end of ['close', 'lost'] as const) {
    const { connection, events, send } = createRawServer(2);
    connection[end]();
    connection.lost();
    const both = [1, 3].flatMap((id) => [`reset ${id} 0 connection`, `over ${id}`]);
    assert.deepEqual(events, [...both, 'closed']);
    assert.deepEqual(send(), end === 'close' ? ['GOAWAY last=0 code=0'] : []);
    assert.equal(connection.start(REQUEST, true), 0);
    assert.equal(connection.write(1, Buffer.from('x'), true), false);
  }
});

test('an owner may close from within a callback', () => {
  const { connection, events, send } = createRawServer(
    2,
    {},
    {
      onHeaders: () => connection.close(),
    },
  );
  send(frame(1, 5, 1, RESPONSE_BLOCK), frame(1, 5, 3, RESPONSE_BLOCK));
  assert.equal(events.filter((event) => event === 'over 1').length, 1);
  assert.equal(events.filter((event) => event.startsWith('headers')).length, 1);
  assert.equal(connection.streamCount, 0);
});

test('octets of a request in CONTINUATION frames, sent and received', () => {
  const long = headerFields([...Array(40)].map((_, i) => [`x-${i}`, 'y'.repeat(1_000)] as const));
  const { client, server, serverEvents, clientEvents, pump } = createPair();
  client.start([...REQUEST, ...long], true);
  pump(100);
  assert.deepEqual(serverEvents.events, ['headers 1 request end']);
  server.sendHeaders(1, [...RESPONSE, ...long], true);
  pump();
  assert.deepEqual(clientEvents.events, ['headers 1 200 end', 'over 1']);
});
