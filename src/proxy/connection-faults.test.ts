/** Faults on connections and windows as real clients see them, with what they leave behind: nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { describe, test } from 'node:test';
import { channelOf, createWitness, startCall } from '../../test/support/call-witness.js';
import { faultWindow } from '../../test/support/fleet.js';
import { type Http2Peer, reply, startHttp2Peer } from '../../test/support/http2-peer.js';
import { startTestProxy, type TestProxy } from '../../test/support/proxy.js';
import { until } from '../../test/support/until.js';
import type { MessageStream } from '../calls/channel.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import type { Driver } from '../drivers/driver.js';
import type { ClientSpec } from '../drivers/spec.js';
import type { faults } from '../faults/index.js';
import { framedMessage } from '../http2/grpc-message.js';

const DRIVERS = ['grpc-js', 'wire'] as const satisfies readonly ClientSpec['driver'][];
const EMPTY_REPLY = Buffer.from(framedMessage(new Uint8Array(0)));
const KIB = 1024;

/** A server that answers each call when its request is whole, a way there, and a client. */
interface House extends AsyncDisposable {
  readonly peer: Http2Peer;
  readonly proxy: TestProxy;
  readonly client: Driver;
  /** Octets of requests that the server has got. */
  got(): number;
  /** Puts a fault on. */
  fault(kind: keyof typeof faults, options: object): void;
  /** Takes it off again. */
  over(): void;
}

async function build(driver: ClientSpec['driver'], client: object = {}): Promise<House> {
  let got = 0;
  const peer = await startHttp2Peer((stream) => {
    stream.on('data', (piece: Buffer) => {
      got += piece.length;
    });
    stream.on('end', () => {
      if (!stream.destroyed) reply(stream, EMPTY_REPLY, '0');
    });
  });
  const proxy = await startTestProxy(peer.address);
  const created = createDriver([proxy.address], clientSchema.parse({ driver, ...client }));
  await created.ready(5_000);
  return {
    peer,
    proxy,
    client: created,
    got: () => got,
    fault: (kind, options) => proxy.faults.add(faultWindow(kind, options)),
    over: () => proxy.faults.clear(),
    async [Symbol.asyncDispose]() {
      created[Symbol.dispose]();
      proxy.close();
      await peer[Symbol.asyncDispose]();
    },
  };
}

/** Opens a stream of requests that says nothing yet. */
function openStream(client: Driver): { stream: MessageStream; ended: Promise<{ status: string }> } {
  const { ticket, ended } = createWitness();
  const stream = channelOf(client).clientStream('/chat.ChatService/SayAll', ticket, undefined, {});
  return { stream, ended };
}

const statusOf = async (call: { ended: Promise<{ status: string }> }) => (await call.ended).status;

for (const driver of DRIVERS) {
  describe(`connection faults, ${driver}`, () => {
    test('GOAWAY for none: a call that is open goes elsewhere, uncharged', async () => {
      await using house = await build(driver);
      const { proxy, client } = house;
      const { ticket, ended } = createWitness();
      const stream = channelOf(client).clientStream('/a.B/C', ticket, undefined, {});
      await until('the server has it', () => house.peer.streams === 1);
      house.fault('h2-goaway', { last: 'none' });
      await until('the server has it again', () => house.peer.streams === 2);
      stream.finish();
      const { status, attempts } = await ended;
      assert.deepEqual([status, ...attempts], ['OK', 'first', 'transparent']);
      assert.equal(proxy.counters.connectionsAccepted, 2);
    });

    test('GOAWAY for all: what is open ends well, the next call is on another connection', async () => {
      await using house = await build(driver);
      const open = openStream(house.client);
      await until('the server has it', () => house.peer.streams === 1);
      house.fault('h2-goaway', { last: 'all' });
      await until('another connection is used', async () => {
        assert.equal(await statusOf(startCall(house.client, 5_000)), 'OK');
        return house.proxy.counters.connectionsAccepted === 2;
      });
      open.stream.finish();
      assert.equal(await statusOf(open), 'OK');
      await until('the first connection closes', () => house.proxy.connectionCount === 1);
    });

    test('one stream at a time: calls beyond it wait, and are sent when the fault is over', async () => {
      await using house = await build(driver);
      house.fault('h2-max-streams', { streams: 1 });
      await until('the client knows', () => house.proxy.unacknowledgedSettings === 0);
      const open = openStream(house.client);
      await until('the server has it', () => house.peer.streams === 1);
      assert.equal(await statusOf(startCall(house.client, 50)), 'DEADLINE_EXCEEDED');
      const waiting = startCall(house.client, 5_000);
      house.over();
      assert.equal(await statusOf(waiting), 'OK');
      assert.equal(house.peer.streams, 2, 'the one that waited too long was never sent');
      open.stream.finish();
      assert.equal(await statusOf(open), 'OK');
    });

    test('a stalled stream: its writer stops at the window, no other is disturbed', async () => {
      await using house = await build(driver);
      const open = openStream(house.client);
      await until('the server has it', () => house.peer.streams === 1);
      house.fault('h2-window-stall', { direction: 'up' });
      const stalled = openStream(house.client);
      const message = Buffer.alloc(16 * KIB);
      const messages = 256;
      for (let sent = 0; sent < messages; sent++) stalled.stream.write(message);
      assert.equal(await statusOf(startCall(house.client, 5_000)), 'OK');
      // 4 MiB were written; the stream's window is what the server's settings say, 64 KiB.
      assert.ok(house.got() <= 80 * KIB, `${house.got()} octets`);
      assert.equal(stalled.stream.writable, false);
      house.over();
      stalled.stream.finish();
      open.stream.finish();
      assert.equal(await statusOf(stalled), 'OK');
      assert.equal(await statusOf(open), 'OK');
      assert.ok(house.got() >= messages * message.length);
    });

    test('a stalled connection: all its streams stop at its window, until the fault is over', async () => {
      await using house = await build(driver);
      house.fault('h2-connection-stall', { direction: 'up' });
      const message = Buffer.alloc(16 * KIB);
      const streams = Array.from({ length: 40 }, () => openStream(house.client));
      for (const { stream } of streams) {
        for (let sent = 0; sent < 4; sent++) stream.write(message);
      }
      // 2.5 MiB were written, within each stream's window; the connection's is 1 MiB.
      await until('the window is used up', () => house.got() >= 1_000 * KIB);
      assert.equal(await statusOf(startCall(house.client, 100)), 'DEADLINE_EXCEEDED');
      assert.ok(house.got() <= 1_024 * KIB);
      house.over();
      for (const open of streams) {
        open.stream.finish();
        assert.equal(await statusOf(open), 'OK');
      }
    });
  });
}

describe('connection faults', () => {
  test('pings without an answer: keepalive gives the connection up, and only then', async () => {
    const keepalive = { 'grpc.keepalive_time_ms': 50, 'grpc.keepalive_timeout_ms': 50 };
    await using house = await build('grpc-js', { options: keepalive });
    const open = openStream(house.client);
    await until('the server has it', () => house.peer.streams === 1);
    assert.equal(house.proxy.counters.connectionsAccepted, 1);
    house.fault('h2-ping-drop', {});
    assert.equal(await statusOf(open), 'UNAVAILABLE');
    house.over();
    assert.equal(await statusOf(startCall(house.client, 5_000)), 'OK');
    assert.equal(house.proxy.counters.connectionsAccepted, 2);
  });

  test('a storm of settings: each is acknowledged, and calls go on', async () => {
    await using house = await build('wire');
    const session = connect(`http://${house.proxy.address}`);
    let heard = 0;
    session.on('remoteSettings', () => heard++);
    await once(session, 'remoteSettings');
    house.fault('h2-settings', { rate: '1000/s' });
    await until('many came', () => heard > 20);
    assert.equal(await statusOf(startCall(house.client, 5_000)), 'OK');
    house.over();
    await until('all are acknowledged', () => house.proxy.unacknowledgedSettings === 0);
    session.destroy();
  });

  test('a share and a count pick connections, the same ones for a seed', async () => {
    await using house = await build('wire');
    house.proxy.faults.add(faultWindow('h2-goaway', {}, { share: 0.5, count: 1, id: 'half' }));
    const isHit = house.proxy.connectionCount === 0;
    await using again = await build('wire');
    again.proxy.faults.add(faultWindow('h2-goaway', {}, { share: 0.5, count: 1, id: 'half' }));
    assert.equal(again.proxy.connectionCount === 0, isHit);
  });
});
