/**
 * Faults that hold on to calls, as real clients see their end: calls that hung are served, replies
 * that were paced come at once, work that went on for nobody stops. And faults that depend on how much
 * a server does at once.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { connectDriver } from '../../test/support/driver-client.js';
import { beginNow, faultWindow, startTestHost } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { SERVER_KINDS } from './spec.js';

const MS = 1e6;
const WINDOW_MS = 400;
const SERVICE_NS = 150 * MS;
/** Longer than a call takes to arrive on a busy machine. */
const PATIENCE_MS = 60;
const LISTEN = ['chat.ChatService/Listen'];
const NO_RETRIES = { 'grpc.enable_retries': 0 };
const CODE = { ok: 0, deadline: 4, exhausted: 8 };

/** Over the first part of the load clock; calls that say no due time are all due at its zero. */
const soonOver = { fromNs: 0, toNs: WINDOW_MS * MS };
const dueInside = { id: { ordinal: 0, dueNs: 0 } };

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    test('at the end of rpc-hang calls are served, at that of rpc-rate replies are sent', async () => {
      await using fleet = await startTestHost({
        server,
        faults: [
          faultWindow('rpc-hang', {}, { ...soonOver, metadata: { fault: 'hang' } }),
          faultWindow(
            'rpc-rate',
            { messages: '1/s' },
            { ...soonOver, fromNs: MS, id: 'rate', methods: LISTEN },
          ),
        ],
        intervalNs: 20 * MS,
      });
      using client = createChatClient(fleet.address, NO_RETRIES);
      using wire = await connectDriver(fleet.address, { driver: 'wire' });
      using grpcJs = await connectDriver(fleet.address, { driver: 'grpc-js' });
      // Connects: a deadline that passes before is no business of the server's.
      await client.check('');
      // Open, and due, before the fault that hits them.
      const rooms = { wire, grpcJs };
      const listeners = Object.entries(rooms).map(([room, to]) => to.listen(4, { room }));
      for (const room in rooms) {
        await until('it listens', async () => {
          return (await client.say('1', { room })).reply?.delivered === 1;
        });
      }
      const beganMs = performance.now();
      beginNow(fleet);
      const hung = { ...dueInside, metadata: { fault: 'hang' } };
      const hanging = Promise.all([
        client.say('gives up', { ...hung, deadlineMs: 150 }),
        client.say('waits', hung),
        client.sayAll(['one', 'two', 'three'], hung),
        wire.say({ fault: 'hang' }),
      ]);
      await until('both faults act', () => fleet.events('fault.start').length === 2);
      for (const room in rooms) {
        assert.equal((await client.sayAll(['2', '3', '4'], { room })).code, CODE.ok);
      }

      const [given, unary, stream, other] = await hanging;
      const tookMs = performance.now() - beganMs;
      assert.equal(given.code, CODE.deadline);
      assert.deepEqual([unary.code, unary.reply], [CODE.ok, { delivered: 0 }]);
      assert.deepEqual([stream.code, stream.reply], [CODE.ok, { said: 3, delivered: 0 }]);
      assert.equal(other.status, 'OK');
      assert.ok(tookMs >= WINDOW_MS, `all were over after ${tookMs} ms`);
      // Its due time lies in the fault, which hits it, and has no hold on it any more.
      assert.equal((await client.say('late', hung)).code, CODE.ok);

      for (const { heardMs, ended } of listeners) {
        assert.equal((await ended).status, 'OK');
        assert.equal(heardMs.length, 4);
        // Two wait for the end; at their rate the last would come two seconds after the second.
        const [, secondMs = 0, , lastMs = 0] = heardMs;
        assert.ok(lastMs - beganMs >= WINDOW_MS, `the last came after ${lastMs - beganMs} ms`);
        assert.ok(lastMs - secondMs < 1_800, `it came ${lastMs - secondMs} ms after the second`);
      }
      await fleet.stop();
      const { faults, cancelled } = fleet.totals();
      assert.equal(cancelled, 1, 'who gave up was not served');
      assert.deepEqual([faults['storm/rpc-hang']?.hit, faults['rate']?.hit], [5, 2]);
    });

    test('rpc-ignore-cancel keeps the slot that onExpired: stop frees; rpc-shed takes none', async () => {
      const serviceTime = { kind: 'fixed', ns: SERVICE_NS } as const;
      const capacity = { slots: 1, queue: 9, serviceTime, onExpired: 'stop' } as const;
      await using fleet = await startTestHost({
        server,
        specs: [{ name: 'b0', port: 0, capacity }],
        faults: [
          faultWindow('rpc-ignore-cancel', {}, { metadata: { fault: 'ignore' } }),
          faultWindow('rpc-shed', { limit: 2, message: 'busy' }, { metadata: { fault: 'shed' } }),
        ],
        intervalNs: 20 * MS,
      });
      using client = createChatClient(fleet.address, NO_RETRIES);
      await client.check('');
      beginNow(fleet);

      const stopped = await client.say('for nobody', { deadlineMs: PATIENCE_MS });
      assert.equal(stopped.code, CODE.deadline);
      assert.equal((await client.say('next')).code, CODE.ok);
      await until('it is counted', () => fleet.totals().answeredByCode.OK === 1);
      const first = fleet.totals();
      assert.ok(first.wastedNs > 0 && first.wastedNs < SERVICE_NS, `${first.wastedNs} ns`);
      assert.equal(first.messagesReceived, 1);

      const metadata = { fault: 'ignore' };
      const ignored = await client.say('for nobody', { deadlineMs: PATIENCE_MS, metadata });
      assert.equal(ignored.code, CODE.deadline);
      const { code, tookMs } = await client.say('behind it');
      assert.equal(code, CODE.ok);
      // The rest of the service before it, and its own.
      assert.ok(tookMs > SERVICE_NS / MS, `${tookMs} ms`);
      await until('it is counted', () => fleet.totals().answeredByCode.OK === 2);
      const second = fleet.totals();
      assert.equal(second.wastedNs - first.wastedNs, SERVICE_NS, 'all of its service was wasted');
      assert.equal(second.busyNs - first.busyNs, 2 * SERVICE_NS);
      assert.equal(second.messagesReceived, 3, 'the work was done');

      const shed = { metadata: { fault: 'shed' } };
      const results = await Promise.all([1, 2, 3, 4, 5].map(() => client.say('', shed)));
      const { ok, exhausted } = CODE;
      assert.deepEqual(
        results.map((result) => result.code),
        [ok, ok, exhausted, exhausted, exhausted],
      );
      assert.equal(results[4]?.details, 'busy');
      assert.equal((await client.say('later', shed)).code, CODE.ok, 'those two are over');
      await fleet.stop();
      const { busyNs, answeredByCode, shed: refusedByQueue } = fleet.totals();
      assert.deepEqual([refusedByQueue, busyNs - second.busyNs], [0, 3 * SERVICE_NS]);
      assert.deepEqual(answeredByCode, { OK: 5, RESOURCE_EXHAUSTED: 3 });
    });
  });
}
