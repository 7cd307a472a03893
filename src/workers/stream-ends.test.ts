/**
 * How streams of a load end, and how slow readers hear: after so many messages, silent but listening,
 * cancelled on purpose, at a deadline. On both drivers, each against a server of its own kind.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createCallHarness, type StartedCall } from '../../test/support/call-harness.js';
import { channelOf } from '../../test/support/call-witness.js';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, startTestFleet, type TestFleet } from '../../test/support/fleet.js';
import { startHttp2Peer } from '../../test/support/http2-peer.js';
import { until } from '../../test/support/until.js';
import { monotonicNowNs } from '../base/clock.js';
import { DueQueue } from '../base/due-queue.js';
import { clientSchema } from '../drivers/client-schema.js';
import { createDriver } from '../drivers/create-driver.js';
import type { Driver } from '../drivers/driver.js';
import { LoadRun } from './load-run.js';

/** A load of client streams, two at once, that has begun; on the real clock. */
function loadOf(options: Readonly<Record<string, unknown>>, driver: Driver) {
  const now = monotonicNowNs;
  const queue = new DueQueue(now, 'relaxed');
  const call = { kind: 'client-stream', options };
  const run = new LoadRun(
    { name: 'all', call, arrivals: { kind: 'closed', options: 2 }, inFlightMax: 10 },
    {
      ...{ worker: 0, workers: 1, seed: 1, hedges: false, now, zeroNs: 0 },
      durationNs: Number.POSITIVE_INFINITY,
      phases: [{ name: 'p', fromNs: 0, toNs: Number.POSITIVE_INFINITY, discard: false }],
      at: (dueNs, due) => queue.at(dueNs, due),
      channel: () => channelOf(driver),
    },
  );
  run.begin();
  return { run, queue };
}

for (const kind of ['grpc-js', 'wire'] as const) {
  describe(kind, () => {
    let fleet: TestFleet;
    let driver: Driver;
    let others: ReturnType<typeof createChatClient>;
    before(async () => {
      fleet = await startTestFleet({ server: kind });
      beginNow(fleet);
      driver = createDriver([fleet.address], clientSchema.parse({ driver: kind }));
      others = createChatClient(fleet.address);
      await driver.ready(5000);
    });
    after(async () => {
      others.close();
      driver[Symbol.dispose]();
      await fleet[Symbol.asyncDispose]();
    });

    const load = (call: Parameters<typeof createCallHarness>[0], options: object, ms?: number) =>
      createCallHarness(call, options, driver.channels[0], ms === undefined ? ms : ms * 1e6);
    const hasEnded = (call: StartedCall) => () => call.status() !== undefined;
    /** Waits until a room of the load has so many members. Asking says something to each of them. */
    const joined = (room: string, members: number) =>
      until(`${members} members`, async () => {
        const { reply } = await others.say('probe', { room: `test/0/${room}` });
        return reply?.delivered === members;
      });

    test('chat: ends OK after so many messages', async () => {
      const rooms = load('chat', { messages: { constant: '100/s' }, count: 3, roomSize: 2 });
      const call = rooms.start(2);
      await rooms.play(hasEnded(call));
      assert.equal(call.status(), 'OK');
      assert.equal(rooms.sent.length + rooms.missed.length, 3);
    });

    test('chat: silent after its messages it listens on, and ends OK when it is told to', async () => {
      const options = { messages: { constant: '100/s' }, halfClose: { messages: 2 }, roomSize: 2 };
      const rooms = load('chat', options);
      const call = rooms.start(4);
      await rooms.play(() => rooms.sent.length === 2);
      await joined('2', 1);
      await until('it hears what is said', () => rooms.received.length > 0);
      await rooms.play(() => rooms.sent.length === 2);
      assert.equal(call.status(), undefined);
      call.open.finish();
      await until('its end', hasEnded(call));
      assert.equal(call.status(), 'OK');
      await joined('2', 0);
    });

    test('chat: cancelled on purpose after so many messages heard', async () => {
      const options = { messages: { constant: '1/s' }, cancelAfter: 2, roomSize: 2 };
      const rooms = load('chat', options);
      const call = rooms.start(6);
      await until('it hears two', async () => {
        await others.say('probe', { room: 'test/0/3' });
        return rooms.received.length >= 2;
      });
      await until('its end', hasEnded(call));
      assert.deepEqual([call.status(), call.ticket.withdrawn], ['CANCELLED', true]);
    });

    test('chat: at its deadline it ends DEADLINE_EXCEEDED, which is no purpose of ours', async () => {
      const rooms = load('chat', { messages: { constant: '1/s' } }, 40);
      const call = rooms.start(8);
      await until('its end', hasEnded(call));
      assert.deepEqual([call.status(), call.ticket.withdrawn], ['DEADLINE_EXCEEDED', false]);
    });

    test('client-stream: cancelled on purpose after so many messages sent', async () => {
      for (const messages of [undefined, { constant: '100/s' }]) {
        const options = { count: 9, cancelAfter: 4, ...(messages && { messages }) };
        const all = load('client-stream', options);
        const call = all.start(0);
        await all.play(hasEnded(call));
        assert.deepEqual([call.status(), call.ticket.withdrawn], ['CANCELLED', true]);
        assert.deepEqual([all.sent.length, messages ? 0 : all.missed.length], [4, 0]);
      }
    });

    test('client-stream: a lifetime closes it with what it has said', async () => {
      const options = { count: 900, messages: { constant: '100/s' }, lifetime: '45ms' };
      const all = load('client-stream', options);
      const call = all.start(0);
      await all.play(hasEnded(call));
      assert.equal(call.status(), 'OK');
      const due = all.sent.length + all.missed.length;
      assert.ok(due === 4 || due === 5, `${due} in 45 ms at 100/s`);
    });

    test('calls cancelled on purpose are counted as such, without a latency', async () => {
      const { run, queue } = loadOf({ count: 9, messageSize: 32, cancelAfter: 4 }, driver);
      let purposely = 0;
      await until('some', () => {
        const [cell] = run.take().calls;
        if (cell === undefined) return false;
        purposely += cell.cancelledOnPurpose ?? 0;
        assert.equal(cell.cancelledOnPurpose ?? 0, cell.completed);
        assert.equal(cell.byCode.CANCELLED ?? 0, cell.completed);
        assert.deepEqual([cell.good, cell.latency], [0, undefined]);
        return purposely >= 6;
      });
      run.stop();
      run.abandon();
      await until('all ends', () => run.inFlight === 0);
      queue.clear();
    });

    test('a stream that accepts no writes is counted while it does not, and no longer', async () => {
      await using peer = await startHttp2Peer((stream) => stream.pause());
      using client = createDriver([peer.address], clientSchema.parse({ driver: kind }));
      await client.ready(5000);
      const { run, queue } = loadOf({ count: 900, messageSize: 20_000 }, client);
      const stalledNs = () => run.take().streams[0]?.writeStallNs ?? 0;
      await until('the stall', () => stalledNs() > 0);
      await until('more of it', () => stalledNs() > 0);
      run.stop();
      run.abandon();
      await until('all ends', () => run.inFlight === 0);
      run.take();
      await new Promise(setImmediate);
      assert.equal(stalledNs(), 0);
      queue.clear();
    });

    test('server-stream: cancelled on purpose, or ended OK after a lifetime', async () => {
      const options = { messages: { constant: '100/s' }, roomSize: 2 };
      const impatient = load('server-stream', { ...options, cancelAfter: 2 });
      const [speaker, listener] = [impatient.start(10), impatient.start(11)];
      await impatient.play(hasEnded(listener));
      assert.deepEqual([listener.status(), listener.ticket.withdrawn], ['CANCELLED', true]);
      speaker.open.finish();
      const mortal = load('server-stream', { ...options, lifetime: '1s' });
      const call = mortal.start(13);
      await mortal.play(hasEnded(call));
      assert.deepEqual([call.status(), call.ticket.withdrawn], ['OK', false]);
    });

    for (const call of ['chat', 'server-stream'] as const) {
      test(`${call}: who is stalled hears nothing until it wakes, then all`, async () => {
        const options = {
          messages: { constant: '100/s' },
          roomSize: 3,
          slowReaders: { perRoom: 1 },
        };
        const rooms = load(call, options);
        // The harness's clock stands still but for what `play` runs: it is stalled from the start.
        const [speaker, reader, stalled] = [0, 1, 2].map((slot) => rooms.start(slot));
        assert.ok(speaker && reader && stalled);
        const heard = () => rooms.received.length;
        await rooms.play(() => heard() >= 20);
        assert.ok(rooms.receivedSlowly.length <= 1, 'one that it had begun to read');
        assert.equal(stalled.status(), undefined);
        const members = call === 'chat' ? [speaker, reader] : [speaker];
        for (const member of members) member.open.finish();
        for (const member of members) await until('their ends', hasEnded(member));
        if (call === 'server-stream') {
          // Its end is that it is cancelled: nobody waits for what it has not read.
          for (const one of [reader, stalled]) one.open.finish();
          await until('its end', hasEnded(stalled));
          assert.equal(stalled.status(), 'OK');
          return;
        }
        stalled.open.finish();
        await until('its end', hasEnded(stalled));
        assert.equal(stalled.status(), 'OK');
        // About half of what the two others heard together: not its own words, and each once.
        const saidByOthers = new Set(rooms.sent.map(Math.round));
        for (const dueNs of rooms.receivedSlowly) assert.ok(saidByOthers.has(dueNs));
        assert.equal(new Set(rooms.receivedSlowly).size, rooms.receivedSlowly.length);
        assert.ok(rooms.receivedSlowly.length > 5, `${rooms.receivedSlowly.length}`);
      });
    }

    test('chat: who reads at a rate hears one message each time, and is late', async () => {
      const options = {
        messages: { constant: '100/s' },
        roomSize: 2,
        slowReaders: { perRoom: 1, rate: '20/s', for: '1s' },
      };
      const rooms = load('chat', options);
      const [speaker, slow] = [rooms.start(14), rooms.start(15)];
      let before = 0;
      await rooms.play(() => {
        // A tick lets one through: of the messages that come between two, none more.
        const now = rooms.receivedSlowly.length;
        assert.ok(now - before <= 1, 'one at a time');
        before = now;
        return now >= 10;
      });
      assert.ok(rooms.received.length + rooms.receivedSlowly.length <= rooms.sent.length);
      assert.ok(rooms.sent.length > 2 * rooms.receivedSlowly.length);
      for (const one of [slow, speaker]) one.open.finish();
      await until('their ends', () => hasEnded(slow)() && hasEnded(speaker)());
      assert.deepEqual([slow.status(), speaker.status()], ['OK', 'OK']);
    });
  });
}
