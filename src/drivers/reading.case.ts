/**
 * What every driver makes of a reader that pauses: nothing is handed over meanwhile, what waits is
 * bounded by flow control, nothing is lost, and the end comes in its place.
 */
import assert from 'node:assert/strict';
import type { ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { channelOf, createWitness, type Witness } from '../../test/support/call-witness.js';
import { type Behaviour, framed, reply, startHttp2Peer } from '../../test/support/http2-peer.js';
import { until } from '../../test/support/until.js';
import type { ReadingSide } from '../calls/channel.js';
import { clientSchema } from './client-schema.js';
import { createDriver } from './create-driver.js';
import type { Driver } from './driver.js';
import type { ClientSpec } from './spec.js';

type DriverName = ClientSpec['driver'];

interface Hearing {
  readonly witness: Witness;
  readonly reading: ReadingSide;
  /** Sizes of what was heard, as it comes. */
  readonly heard: number[];
  /** The status, once there is one. */
  status(): string | undefined;
}

const SHAPES = ['server', 'bidi'] as const;

/** Opens a stream of replies. @param onMessage called after each is written down. */
function hear(
  driver: Driver,
  shape: (typeof SHAPES)[number],
  onMessage: (reading: ReadingSide, count: number) => void = () => {},
): Hearing {
  const witness = createWitness();
  const heard: number[] = [];
  let status: string | undefined;
  void witness.ended.then((ended) => {
    status = ended.status;
  });
  const { ticket } = witness;
  const onReply = (_bytes: Uint8Array, from: number, to: number) => {
    assert.equal(status, undefined, 'a message after the end');
    heard.push(to - from);
    onMessage(reading, heard.length);
  };
  const channel = channelOf(driver);
  const reading: ReadingSide =
    shape === 'server'
      ? channel.serverStream('/t.T/Hear', Buffer.alloc(1), ticket, undefined, {}, onReply)
      : channel.stream('/t.T/Talk', ticket, undefined, {}, onReply);
  return { witness, reading, heard, status: () => status };
}

/** Waits until calls have gone there and back over the same connection: what was sent before is here. */
async function roundTrips(driver: Driver, count = 10): Promise<void> {
  for (let trip = 0; trip < count; trip++) {
    const { ticket, ended } = createWitness();
    channelOf(driver).unary('/t.T/Probe', Buffer.alloc(1), ticket, undefined);
    assert.equal((await ended).status, 'OK');
  }
}

/** Answers probes, and everything else as told. */
function besideProbes(behave: (stream: ServerHttp2Stream) => void): Behaviour {
  return (stream, _nth, headers) => {
    if (headers[':path'] === '/t.T/Probe') reply(stream, framed(1), '0');
    else behave(stream);
  };
}

const clientOf = (driver: DriverName, address: string) =>
  createDriver([address], clientSchema.parse({ driver }));

const MESSAGES = 128;
const MESSAGE_BYTES = 65_536;
const TOTAL_BYTES = MESSAGES * (MESSAGE_BYTES + 5);

/** Says far more than any window takes, then OK. */
function sayMuch(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  for (let i = 0; i < MESSAGES; i++) stream.write(framed(MESSAGE_BYTES));
  stream.end();
}

/** Runs the cases over a driver. */
export function readingCases(driver: DriverName): void {
  test(`${driver}: a window at zero is told of, by a driver that knows it`, async () => {
    await using peer = await startHttp2Peer(besideProbes((stream) => stream.pause()));
    using client = clientOf(driver, peer.address);
    await client.ready(5000);
    const { ticket, ended } = createWitness();
    const stream = channelOf(client).clientStream('/t.T/Say', ticket, undefined, {});
    stream.write(Buffer.alloc(1_000_000));
    await roundTrips(client, 3);
    const waits = client.takeWindowWaits?.();
    // grpc-js keeps its windows to itself: absent, not zero.
    assert.equal(waits?.streams.times, driver === 'wire' ? 1 : undefined);
    if (waits !== undefined) {
      assert.ok(waits.streams.ns > 0);
      await roundTrips(client, 1);
      const later = client.takeWindowWaits?.();
      assert.deepEqual(
        [later?.streams.times, (later?.streams.ns ?? 0) > 0],
        [0, true],
        'it goes on',
      );
    }
    ticket.cancel();
    await ended;
    client.takeWindowWaits?.();
    await roundTrips(client, 1);
    assert.equal(client.takeWindowWaits?.().streams.ns ?? 0, 0, 'it is over');
  });

  for (const shape of SHAPES) {
    for (const at of [0, 1, 3]) {
      const when = at === 0 ? 'before the first message' : `within message ${at}`;
      test(`${driver}: ${shape} stream: paused ${when}, the server is stopped`, async () => {
        let stream: ServerHttp2Stream | undefined;
        await using peer = await startHttp2Peer(
          besideProbes((opened) => {
            stream = opened;
            sayMuch(opened);
          }),
        );
        using client = clientOf(driver, peer.address);
        await client.ready(5000);
        const call = hear(client, shape, (reading, count) => {
          if (count === at) reading.pauseReading();
        });
        if (at === 0) call.reading.pauseReading();
        await until('it speaks', () => stream !== undefined && call.heard.length === at);
        await roundTrips(client);
        assert.equal(call.heard.length, at, 'nothing is handed over');
        const waiting = stream?.writableLength ?? 0;
        assert.ok(waiting > TOTAL_BYTES / 2, `${waiting} bytes are still at the server`);
        call.reading.resumeReading();
        assert.equal((await call.witness.ended).status, 'OK');
        assert.deepEqual(call.heard, new Array(MESSAGES).fill(MESSAGE_BYTES));
      });
    }

    test(`${driver}: ${shape} stream: paused at each message, it hears them all`, async () => {
      await using peer = await startHttp2Peer(besideProbes(sayMuch));
      using client = clientOf(driver, peer.address);
      await client.ready(5000);
      let isPaused = false;
      const call = hear(client, shape, (reading) => {
        assert.equal(isPaused, false, 'handed over while paused');
        isPaused = true;
        reading.pauseReading();
        setImmediate(() => {
          isPaused = false;
          reading.resumeReading();
        });
      });
      assert.equal((await call.witness.ended).status, 'OK');
      assert.equal(call.heard.length, MESSAGES);
    });

    test(`${driver}: ${shape} stream: an OK comes behind messages that wait`, async () => {
      const three = Buffer.concat([framed(3), framed(4), framed(5)]);
      await using peer = await startHttp2Peer(besideProbes((stream) => reply(stream, three, '0')));
      using client = clientOf(driver, peer.address);
      await client.ready(5000);
      const call = hear(client, shape, (reading, count) => {
        if (count < 3) reading.pauseReading();
      });
      await until('the first', () => call.heard.length === 1);
      await roundTrips(client);
      assert.deepEqual([call.heard, call.status()], [[3], undefined]);
      call.reading.resumeReading();
      await until('the second', () => call.heard.length === 2);
      assert.equal(call.status(), undefined);
      call.reading.resumeReading();
      assert.equal((await call.witness.ended).status, 'OK');
      assert.deepEqual(call.heard, [3, 4, 5]);
    });

    test(`${driver}: ${shape} stream: cancelled before an OK that waits, it is cancelled`, async () => {
      const two = Buffer.concat([framed(3), framed(4)]);
      await using peer = await startHttp2Peer(besideProbes((stream) => reply(stream, two, '0')));
      using client = clientOf(driver, peer.address);
      await client.ready(5000);
      const call = hear(client, shape, (reading) => reading.pauseReading());
      await until('the first', () => call.heard.length === 1);
      await roundTrips(client);
      call.witness.ticket.cancel();
      assert.equal((await call.witness.ended).status, 'CANCELLED');
      call.reading.resumeReading();
      await roundTrips(client);
      assert.deepEqual(call.heard, [3], 'what waited is lost');
    });

    test(`${driver}: ${shape} stream: an error does not wait for a paused reader`, async () => {
      const two = Buffer.concat([framed(3), framed(4)]);
      await using peer = await startHttp2Peer(besideProbes((stream) => reply(stream, two, '8')));
      using client = clientOf(driver, peer.address);
      await client.ready(5000);
      const call = hear(client, shape, (reading) => reading.pauseReading());
      assert.equal((await call.witness.ended).status, 'RESOURCE_EXHAUSTED');
      call.reading.resumeReading();
      await roundTrips(client);
      assert.deepEqual(call.heard.slice(1), [], 'what waited is lost');
    });
  }
}
