import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords, settingsFrame } from '../../test/support/http2-frames.js';
import { createPair, REQUEST, RESPONSE, TRAILERS } from '../../test/support/http2-pair.js';
import { createRawServer } from '../../test/support/http2-raw-peer.js';
import { OctetText } from '../base/octet-text.js';
import type { Connection } from './connection.js';
import type { FrameTemplate } from './frame-template.js';
import { fieldValue, headerFields } from './header-field.js';

const BODY = Buffer.from('0000000003010203', 'hex');

test('after the first, a call is a few octets, and both ends understand each other', () => {
  const seen: string[] = [];
  const { client, server, clientEvents, pump } = createPair({
    onServer: {
      onHeaders: (_id, block) => seen.push(String(fieldValue(block.fields, ':path'))),
      onData: (id, _bytes, _start, _stop, end) => {
        if (end) server.sendTemplate(id, reply);
      },
    },
  });
  const call = client.template({ headers: REQUEST, body: BODY, endStream: true });
  const reply = server.template({ headers: RESPONSE, body: BODY, trailers: TRAILERS });
  pump();
  const sizes: number[] = [];
  for (let i = 0; i < 5; i++) {
    client.startTemplate(call);
    sizes.push(client.outputBytes);
    pump();
  }
  assert.ok((sizes[0] ?? 0) > 60);
  assert.deepEqual(sizes.slice(1), Array(4).fill(9 + 6 + 9 + BODY.length));
  assert.deepEqual(seen, Array(5).fill('/chat.ChatService/Say'));
  const oneReply = (id: number) => [
    `headers ${id} 200`,
    `data ${id} 8`,
    `headers ${id} trailers end`,
    `over ${id}`,
  ];
  assert.deepEqual(clientEvents.events, [1, 3, 5, 7, 9].flatMap(oneReply));
  assert.deepEqual(clientEvents.bodies.get(9), BODY);
});

test('a template notices that the table changed under it', () => {
  const paths: string[] = [];
  const { client, pump } = createPair({
    client: { encoderTableBytesMax: 400 },
    onServer: { onHeaders: (_id, block) => paths.push(String(fieldValue(block.fields, ':path'))) },
  });
  pump();
  const templates = Array.from({ length: 4 }, (_, i) =>
    client.template({
      headers: [...REQUEST.slice(0, 2), ...headerFields([[':path', `/s/${'m'.repeat(i * 20)}`]])],
      endStream: true,
    }),
  );
  const expected: string[] = [];
  for (let round = 0; round < 30; round++) {
    const which = (round * 7) % 4;
    const template = templates[which];
    if (template !== undefined) client.startTemplate(template);
    expected.push(`/s/${'m'.repeat(which * 20)}`);
    if (round % 5 === 0) client.start([...REQUEST, ...headerFields([['x', String(round)]])], true);
    if (round % 5 === 0) expected.push('/chat.ChatService/Say');
  }
  pump();
  assert.deepEqual(paths, expected);
});

test('fields that vary per call, their names indexed from the second call on', () => {
  const seen: string[] = [];
  const { client, pump } = createPair({
    onServer: {
      onHeaders: (_id, { fields }) =>
        seen.push(`${fieldValue(fields, 'squall-call')} ${fieldValue(fields, 'grpc-timeout')}`),
    },
  });
  const varying = ['squall-call', 'grpc-timeout'];
  const call = client.template({ headers: REQUEST, varying, body: BODY, endStream: true });
  pump();
  const sizes: number[] = [];
  const expected: string[] = [];
  for (let i = 0; i < 4; i++) {
    const values = [`${i}.${'7'.repeat(i * 100)}`, '500m'];
    expected.push(values.join(' '));
    client.startTemplate(call, values);
    sizes.push(client.outputBytes - i * 100);
    pump();
  }
  assert.deepEqual(seen, expected);
  // Two frame headers, six indices, the message; per field a name's index, a length and the value.
  assert.equal(sizes[1], 9 + 6 + 9 + BODY.length + (2 + 1 + 2) + (2 + 1 + 4));
  assert.throws(() => client.startTemplate(call, ['1']), RangeError);
});

test('a value that is written anew for each message is sent as its string would be', () => {
  const seen: string[] = [];
  const { client, pump } = createPair({
    onServer: {
      onHeaders: (_id, { fields }) => seen.push(String(fieldValue(fields, 'squall-call'))),
    },
  });
  const text = new OctetText(33);
  const send = (call: FrameTemplate, number: number) => {
    text.clear();
    text.addNumber(number);
    client.startTemplate(call, [text]);
  };
  const parts = { headers: REQUEST, varying: ['squall-call'], endStream: true };
  const call = client.template(parts);
  const large = client.template({ ...parts, body: Buffer.alloc(100_000) });
  pump();
  // Before anything leaves, so that none is read from the text itself.
  for (const number of [1, 22, 2 ** 53 - 1]) send(call, number);
  send(large, 4);
  send(call, 5);
  pump();
  assert.deepEqual(seen, ['1', '22', String(2 ** 53 - 1), '4', '5']);
});

test('a message that cannot be encoded leaves nothing behind, not even in the table', () => {
  const wrong: ((client: Connection, call: FrameTemplate) => void)[] = [
    (client, call) => client.startTemplate(call, ['x'.repeat(20_000), '']),
    (client, call) => client.startTemplate(call, ['ž', '']),
    (client) => {
      client.start([...REQUEST, ...headerFields([['c', 'ž']])], true);
    },
  ];
  for (const attempt of wrong) {
    const seen: string[] = [];
    const { client, serverEvents, pump } = createPair({
      onServer: { onHeaders: (_id, { fields }) => seen.push(String(fieldValue(fields, 'y'))) },
    });
    const call = client.template({ headers: REQUEST, varying: ['x', 'y'], endStream: true });
    pump();
    assert.throws(() => attempt(client, call));
    assert.equal(client.outputBytes, 0);
    for (const value of ['1', '2', '3']) client.startTemplate(call, ['', value]);
    assert.throws(() => attempt(client, call));
    client.startTemplate(call, ['', '4']);
    pump();
    assert.deepEqual(seen, ['1', '2', '3', '4']);
    assert.equal(serverEvents.events.includes('closed 9'), false);
  }
});

test('a table size update goes out once, not with every copy', () => {
  const { connection, send } = createRawServer(0);
  const call = connection.template({ headers: REQUEST.slice(0, 2), endStream: true });
  const sizeOfNext = () => {
    connection.startTemplate(call);
    const size = connection.outputBytes;
    send();
    return size;
  };
  assert.equal(sizeOfNext(), 9 + 2);
  send(settingsFrame([1, 0]));
  assert.equal(sizeOfNext(), 9 + 1 + 2, 'the update and two static indices');
  assert.equal(sizeOfNext(), 9 + 2);
});

test('a body that the windows do not take goes in parts, trailers last', () => {
  const large = Buffer.alloc(100_000, 7);
  const { client, server, clientEvents, serverEvents, pump } = createPair({
    onServer: {
      onData: (id, _bytes, _start, _stop, end) => {
        if (end) server.sendTemplate(id, reply);
      },
    },
    client: { settings: { initialWindowSize: 30_000 } },
  });
  const call = client.template({ headers: REQUEST, varying: ['a'], body: large, endStream: true });
  const reply = server.template({ headers: RESPONSE, body: large, trailers: TRAILERS });
  const id = client.startTemplate(call, ['b']);
  assert.equal(client.queuedBytes, 100_000 - 65_535, 'before the peer’s SETTINGS');
  pump();
  assert.ok(serverEvents.bodies.get(id)?.equals(large));
  assert.ok(clientEvents.bodies.get(id)?.equals(large));
  assert.deepEqual(clientEvents.events.slice(-2), [`headers ${id} trailers end`, `over ${id}`]);
  client.startTemplate(call, ['b']);
  const words = inWords(client.takeOutput());
  assert.equal(words.filter((word) => word.startsWith('DATA')).length, 7, 'frames of 16,384');
  assert.equal(words.at(-1), 'DATA 3 1696 end');
});
