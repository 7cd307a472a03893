/**
 * Loads of one-sided streams: what they send and hear is counted message by message, and a reply that
 * is wrong is a failure whatever the server says. On both drivers, against both servers and against
 * one that lies.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createCallHarness } from '../../test/support/call-harness.js';
import { beginNow, startTestFleet, type TestFleet } from '../../test/support/fleet.js';
import { framed, reply, startHttp2Peer, trailersOnly } from '../../test/support/http2-peer.js';
import { until } from '../../test/support/until.js';
import { readingFiles } from '../base/named-file.js';
import type { calls } from '../calls/index.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import type { Driver } from '../drivers/driver.js';

for (const driver of ['grpc-js', 'wire'] as const) {
  for (const [payload, wanted] of [
    ['same', 1],
    ['varying', 20],
  ] as const) {
    test(`unary, payload ${payload}: ${driver} sends ${wanted} messages in 20 calls`, async () => {
      const bodies: Buffer[] = [];
      await using peer = await startHttp2Peer((stream) => {
        const pieces: Buffer[] = [];
        stream.on('data', (piece: Buffer) => pieces.push(piece));
        stream.on('end', () => {
          bodies.push(Buffer.concat(pieces));
          reply(stream, framed(0), '0');
        });
      });
      using client = createDriver([peer.address], clientSchema.parse({ driver }));
      await client.ready(5000);
      // Beyond the 64 KiB of Node's windows: what comes once goes out as they open.
      const options = { payload, messageSize: '100KiB' };
      const load = createCallHarness('unary', options, client.channels[0]);
      const calls = Array.from({ length: 20 }, (_, slot) => load.start(slot));
      await until('all calls to end', () => calls.every((call) => call.status() !== undefined));
      assert.deepEqual(new Set(calls.map((call) => call.status())), new Set(['OK']));
      assert.equal(new Set(bodies.map((body) => body.toString('latin1'))).size, wanted);
      assert.equal(new Set(bodies.map(({ length }) => length)).size, 1);
    });
  }
}

/** A client beside a server of the same kind. */
for (const kind of ['grpc-js', 'wire'] as const) {
  describe(kind, () => {
    let fleet: TestFleet;
    let driver: Driver;
    before(async () => {
      fleet = await startTestFleet({ server: kind });
      beginNow(fleet);
      driver = createDriver([fleet.address], clientSchema.parse({ driver: kind }));
      await driver.ready(5000);
    });
    after(async () => {
      driver[Symbol.dispose]();
      await fleet[Symbol.asyncDispose]();
    });

    test('client-stream: all at once, far more than any window takes, and all arrive', async () => {
      const options = { count: 3000, messageSize: '2KiB' };
      const load = createCallHarness('client-stream', options, driver.channels[0]);
      const call = load.start(0, 5);
      await load.play(() => call.status() !== undefined);
      assert.equal(call.status(), 'OK');
      // All were due with the call.
      assert.deepEqual(load.sent, new Array(3000).fill(5));
      assert.deepEqual(load.missed, []);
    });

    test('client-stream: on a schedule, each message due at its own time', async () => {
      const options = { count: 4, messages: { constant: '100/s' } };
      const load = createCallHarness('client-stream', options, driver.channels[0]);
      const call = load.start(0);
      await load.play(() => call.status() !== undefined);
      assert.equal(call.status(), 'OK');
      const due = [...load.sent, ...load.missed].toSorted((a, b) => a - b);
      const [firstNs = -1] = due;
      assert.ok(firstNs >= 0 && firstNs < 10e6, 'begins within a gap');
      assert.deepEqual(
        due.map((dueNs) => Math.round((dueNs - firstNs) / 1e6)),
        [0, 10, 20, 30],
      );
    });

    test('client-stream: a schedule that ends ends the call', async () => {
      const read = (path: string) => ({ path, text: '0\n0.1\n0.1\n' });
      const options = { count: 10, messages: { replay: { file: 'times' } } };
      const load = readingFiles(read, () =>
        createCallHarness('client-stream', options, driver.channels[0]),
      );
      const call = load.start(0);
      await load.play(() => call.status() !== undefined);
      assert.equal(call.status(), 'OK');
      assert.equal(load.sent.length + load.missed.length, 3);
    });

    test('client-stream: asked to end, it closes with what it has said, and that is right', async () => {
      const options = { count: 1000, messages: { constant: '100/s' } };
      const load = createCallHarness('client-stream', options, driver.channels[0]);
      const call = load.start(0);
      await load.play(() => load.sent.length === 3);
      call.open.finish();
      await load.play(() => call.status() !== undefined);
      assert.equal(call.status(), 'OK');
      assert.equal(load.sent.length, 3);
    });

    test('server-stream: listeners hear what their room’s speaker says, up to the limit', async () => {
      const options = { limit: 5, messages: { constant: '100/s' }, roomSize: 3 };
      const load = createCallHarness('server-stream', options, driver.channels[0]);
      const listeners = [1, 2].map((slot) => load.start(slot));
      const speaker = load.start(0);
      // In a room of its own, where nobody speaks.
      const alone = load.start(4);
      await load.play(() => listeners.every((one) => one.status() !== undefined));
      assert.deepEqual(
        listeners.map((one) => one.status()),
        ['OK', 'OK'],
      );
      assert.equal(load.received.length, 10);
      // What was heard carries the times at which it was due, rounded to whole nanoseconds.
      const sent = new Set(load.sent.map(Math.round));
      for (const dueNs of load.received) assert.ok(sent.has(dueNs), String(dueNs));
      assert.equal(speaker.status(), undefined);
      speaker.open.finish();
      alone.open.finish();
      await until('the ends', () => alone.status() !== undefined && speaker.status() !== undefined);
      assert.deepEqual([speaker.status(), alone.status()], ['OK', 'OK']);
    });

    test('server-stream: a listener that is cut off is not one that ended well', async () => {
      const options = { messages: { constant: '100/s' } };
      const load = createCallHarness('server-stream', options, driver.channels[0]);
      const call = load.start(1);
      call.ticket.cancel();
      await until('the end', () => call.status() !== undefined);
      assert.equal(call.status(), 'CANCELLED');
    });

    /** SayAllReply { said }. */
    const saidReply = (said: number) => Buffer.from([0, 0, 0, 0, 2, 0x08, said]);
    const lies: readonly {
      readonly name: string;
      readonly call: keyof typeof calls;
      readonly slot: number;
      readonly body: Buffer;
      readonly status: string;
    }[] = [
      {
        name: 'one fewer',
        call: 'client-stream',
        slot: 0,
        body: saidReply(3),
        status: 'DATA_LOSS',
      },
      { name: 'one more', call: 'client-stream', slot: 0, body: saidReply(5), status: 'DATA_LOSS' },
      { name: 'as many', call: 'client-stream', slot: 0, body: saidReply(4), status: 'OK' },
      { name: 'no words', call: 'client-stream', slot: 0, body: framed(1, 0), status: 'INTERNAL' },
      ...[0, 1, 3].map((count) => ({
        name: `${count} of 2 messages`,
        call: 'server-stream' as const,
        slot: 1,
        body: Buffer.concat(new Array<Buffer>(count).fill(framed(0))),
        status: 'DATA_LOSS',
      })),
    ];
    for (const { name, call, slot, body, status } of lies) {
      test(`${call}: OK after ${name} is ${status}`, async () => {
        await using peer = await startHttp2Peer((stream) => {
          stream.on('end', () => reply(stream, body, '0'));
        });
        using client = createDriver([peer.address], clientSchema.parse({ driver: kind }));
        await client.ready(5000);
        const options =
          call === 'client-stream' ? { count: 4 } : { limit: 2, messages: { constant: '1/s' } };
        const load = createCallHarness(call, options, client.channels[0]);
        const started = load.start(slot);
        await until('its end', () => started.status() !== undefined);
        assert.equal(started.status(), status);
      });
    }

    test('client-stream: refused by the server, it failed as the server says', async () => {
      await using peer = await startHttp2Peer((stream) => {
        trailersOnly(stream, { 'grpc-status': '7' });
      });
      using client = createDriver([peer.address], clientSchema.parse({ driver: kind }));
      await client.ready(5000);
      const options = { count: 2000, messageSize: '4KiB' };
      const load = createCallHarness('client-stream', options, client.channels[0]);
      const call = load.start(0);
      await load.play(() => call.status() !== undefined);
      assert.equal(call.status(), 'PERMISSION_DENIED');
      // What the stream did not take before its end is missed, none is forgotten.
      assert.equal(load.sent.length + load.missed.length, 2000);
      assert.ok(load.missed.length > 0);
    });
  });
}
