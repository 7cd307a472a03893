/**
 * gRPC's own C++ on the other side: a client and a server written from the fixed part of
 * proto/chat.proto, against our servers and our drivers, and both through the proxy.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CHAT_METHOD, StampedMessage, timestampOf } from '../../src/calls/chat-codec.js';
import { clientSchema } from '../../src/drivers/client-schema.js';
import { createDriver } from '../../src/drivers/create-driver.js';
import { startProxy } from '../../src/proxy/proxy.js';
import { SERVER_KINDS } from '../../src/targets/spec.js';
import { createWitness } from '../support/call-witness.js';
import {
  buildCppChat,
  type CppChat,
  missingForCpp,
  startCppServer,
  talkInCpp,
} from '../support/cpp-chat.js';
import { beginNow, startTestFleet } from '../support/fleet.js';
import { until } from '../support/until.js';

const missing = missingForCpp();
const skip = missing === undefined ? false : `needs ${missing}`;

describe('C++', { skip }, () => {
  let cpp: CppChat;
  before(() => {
    cpp = buildCppChat();
  });
  after(() => cpp[Symbol.dispose]());

  for (const server of SERVER_KINDS) {
    test(`its client talks on the ${server} server`, async () => {
      await using fleet = await startTestFleet({ server });
      beginNow(fleet);
      const { lines, exitCode } = await talkInCpp(cpp, fleet.address, 'cpp', 20);
      assert.equal(exitCode, 0);
      assert.deepEqual(
        lines,
        Array.from({ length: 20 }, (_, number) => `bob to ann ${number}`),
      );
    });
  }

  test('its client talks on its server through the proxy, and nobody notices', async () => {
    await using server = await startCppServer(cpp);
    const port = Number(server.address.split(':')[1]);
    const proxy = await startProxy({
      host: '127.0.0.1',
      port: 0,
      upstream: { host: '127.0.0.1', port },
    });
    try {
      const { lines, exitCode } = await talkInCpp(cpp, `127.0.0.1:${proxy.port}`, 'room', 50);
      assert.equal(exitCode, 0);
      assert.deepEqual(
        lines,
        Array.from({ length: 50 }, (_, number) => `bob to ann ${number}`),
      );
      await until('nothing is left', () => proxy.connectionCount === 0);
      assert.deepEqual([proxy.heldBytes, proxy.counters.callsLost], [0, 0]);
    } finally {
      proxy.close();
    }
  });

  for (const driver of ['grpc-js', 'wire'] as const) {
    test(`the ${driver} driver talks on its server`, async () => {
      await using server = await startCppServer(cpp);
      using client = createDriver([server.address], clientSchema.parse({ driver }));
      await client.ready(5_000);
      const [channel] = client.channels;
      assert.ok(channel);
      const heard: (number | undefined)[] = [];
      const open = (onMessage: (bytes: Uint8Array, start: number, end: number) => void) => {
        const witness = createWitness();
        const room = { room: driver };
        const stream = channel.stream(CHAT_METHOD, witness.ticket, undefined, room, onMessage);
        return { stream, ended: witness.ended };
      };
      const ann = open((bytes, start, end) => void heard.push(timestampOf(bytes, start, end)));
      const bob = open(() => {});
      const message = new StampedMessage('bob', 'to ann');
      // What is said before ann is in the room she does not hear.
      await until('the first message', () => {
        if (heard.length === 0) bob.stream.write(message.stamp(0));
        return heard.length > 0;
      });
      for (let number = 1; number <= 20; number++) bob.stream.write(message.stamp(number));
      await until('the last message', () => heard.at(-1) === 20);
      const said = heard.filter((number) => number !== 0);
      assert.deepEqual(
        said,
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
      ann.stream.finish();
      bob.stream.finish();
      const ends = await Promise.all([ann.ended, bob.ended]);
      assert.deepEqual(
        ends.map(({ status }) => status),
        ['OK', 'OK'],
      );
    });
  }
});
