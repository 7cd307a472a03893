/**
 * Calls from tier to tier, on both kinds of server: what the next tier is asked, with how much time, and
 * what becomes of the call here. The next tier is a server of the test's that writes headers down, or a
 * real one where attempts are to be counted.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { connectDriver } from '../../test/support/driver-client.js';
import { faultWindow } from '../../test/support/fleet.js';
import { startRecordingTier } from '../../test/support/recording-tier.js';
import { nextOf, startTierChain } from '../../test/support/tiers.js';
import { until } from '../../test/support/until.js';
import { CALL_ID_KEY } from '../base/call-id.js';
import { distribution } from '../base/distribution.js';
import { SERVER_KINDS } from './spec.js';

const CODE = { ok: 0, cancelled: 1, deadline: 4, aborted: 10, unavailable: 14 };
/** HTTP/2's, of a stream that nobody wants any more. */
const CANCEL = 8;

const RETRY = {
  maxAttempts: 3,
  initialBackoff: '1ms',
  maxBackoff: '1ms',
  backoffMultiplier: 1,
  retryableStatusCodes: ['UNAVAILABLE'],
};

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    /** One real tier in front of one of the test's. */
    const frontOf = (next: object, lastNext: string, more: object = {}) =>
      startTierChain({
        tiers: [{ name: 'front', server, next: nextOf(next), ...more }],
        lastNext,
      });

    test('three hops of three attempts each: 27 attempts where every one fails', async () => {
      const next = nextOf({ retryPolicy: RETRY });
      using chain = await startTierChain({
        tiers: [
          { name: 'front', server, next },
          { name: 'middle', server, next },
          { name: 'back', server },
        ],
        faults: [faultWindow('rpc-abort', { code: 'UNAVAILABLE' }, { backends: ['back'] })],
      });
      using client = await connectDriver(chain.address, { retryPolicy: RETRY });
      const { status, attempts } = await client.say();
      assert.equal(status, 'UNAVAILABLE');
      assert.equal(attempts.length, 3);
      const counts = chain.stop();
      const received = (name: string) => counts[name]?.receivedByPreviousAttempts;
      assert.deepEqual(received('front'), { 0: 1, 1: 1, 2: 1 });
      assert.deepEqual(received('middle'), { 0: 3, 1: 3, 2: 3 });
      assert.deepEqual(received('back'), { 0: 9, 1: 9, 2: 9 });
      for (const [name, count] of Object.entries({ front: 3, middle: 9, back: 27 })) {
        assert.deepEqual(counts[name]?.answeredByCode, { UNAVAILABLE: count }, name);
      }
      const faults = counts['back']?.faults['storm/rpc-abort'];
      assert.equal(faults?.seenFirst, 1, 'of 27 attempts one is the first of its call');
    });

    test('an answer comes after the service here and the one of the next tier', async () => {
      const capacity = (ms: number) => ({
        capacity: { slots: 1, queue: 10, serviceTime: distribution().parse(`${ms}ms`) },
      });
      using chain = await startTierChain({
        tiers: [
          { name: 'front', server, next: nextOf(), ...capacity(20) },
          { name: 'back', server, ...capacity(30) },
        ],
      });
      using client = createChatClient(chain.address);
      const { code, tookMs } = await client.say('hi');
      assert.equal(code, CODE.ok);
      assert.ok(tookMs >= 50, `${tookMs} ms`);
      const { front, back } = chain.stop();
      assert.deepEqual([front?.busyNs, back?.busyNs], [20e6, 30e6]);
    });

    test('what waits for the next tier takes no slot', async () => {
      await using next = await startRecordingTier();
      const capacity = { slots: 1, queue: 0, serviceTime: distribution().parse('1ms') };
      using chain = await frontOf({}, next.address, { capacity });
      using client = createChatClient(chain.address);
      const first = client.say('hi');
      const waiting = await next.call(0);
      const second = client.say('hi');
      (await next.call(1)).answer(CODE.ok);
      assert.equal((await second).code, CODE.ok);
      waiting.answer(CODE.ok);
      assert.equal((await first).code, CODE.ok);
    });

    test('a call keeps its name and its room, and says which attempt led to it', async () => {
      await using next = await startRecordingTier(CODE.unavailable);
      using chain = await frontOf({}, next.address);
      using client = createChatClient(chain.address, {
        'grpc.service_config': JSON.stringify({
          methodConfig: [
            {
              name: [{}],
              retryPolicy: { ...RETRY, initialBackoff: '0.001s', maxBackoff: '0.001s' },
            },
          ],
        }),
      });
      const end = await client.say('hi', { id: { ordinal: 5, dueNs: 1234e3 }, room: 'blue' });
      assert.equal(end.code, CODE.unavailable);
      assert.equal(end.details, 'the call to next ended UNAVAILABLE');
      const names = next.calls.map(({ headers }) => headers[CALL_ID_KEY]);
      assert.deepEqual(names, ['5.1234', '5.1234.1', '5.1234.2']);
      for (const { headers } of next.calls) assert.equal(headers['room'], 'blue');
    });

    test('its status is the one that the client gets', async () => {
      await using next = await startRecordingTier(CODE.aborted);
      using chain = await frontOf({ retryPolicy: RETRY }, next.address);
      using client = createChatClient(chain.address);
      assert.equal((await client.say('hi')).code, CODE.aborted);
      assert.equal(next.calls.length, 1, 'a code that is not retryable');
      assert.deepEqual(chain.stop()['front']?.answeredByCode, { ABORTED: 1 });
    });

    test('a propagated deadline is what is left, a fresh one its own', async () => {
      await using next = await startRecordingTier(CODE.ok);
      const capacity = { slots: 1, queue: 0, serviceTime: distribution().parse('30ms') };
      const seen = async (deadline: unknown, deadlineMs?: number) => {
        using chain = await frontOf({ deadline }, next.address, { capacity });
        using client = createChatClient(chain.address);
        const nth = next.calls.length;
        await client.say('hi', deadlineMs === undefined ? {} : { deadlineMs });
        return next.calls[nth]?.timeoutMs;
      };
      const propagated = (await seen('propagated', 60_000)) ?? Number.NaN;
      assert.ok(propagated <= 60_000 - 30 && propagated > 30_000, `${propagated} ms`);
      assert.equal(await seen('propagated'), undefined);
      const fresh = (await seen('90s', 60_000)) ?? Number.NaN;
      assert.ok(fresh <= 90_000 && fresh > 60_000, `${fresh} ms`);
      assert.equal(await seen('none', 60_000), undefined);
    });

    test('a call whose client cancels, or whose deadline passes, is cancelled there', async () => {
      await using next = await startRecordingTier();
      using chain = await frontOf({ deadline: 'none' }, next.address);
      using client = await connectDriver(chain.address, {});
      await until('a call that gets there in its time', async () => {
        assert.equal((await client.say({}, 100)).status, 'DEADLINE_EXCEEDED');
        return next.calls.length > 0;
      });
      assert.equal(await (await next.call(0)).closed, CANCEL);

      const { ended, cancel } = client.start();
      const call = await next.call(next.calls.length);
      cancel();
      assert.equal((await ended).status, 'CANCELLED');
      assert.equal(await call.closed, CANCEL);
      const { front } = chain.stop();
      assert.ok((front?.cancelled ?? 0) >= 2);
      assert.equal(front?.outlived, undefined);
    });

    test('with onExpired: finish it goes on, and is begun for who is gone', async () => {
      await using next = await startRecordingTier();
      const capacity = { slots: 1, queue: 10, serviceTime: distribution().parse('60ms') };
      const options = { deadline: 'none', onExpired: 'finish' };
      using chain = await frontOf(options, next.address, { capacity });
      using client = await connectDriver(chain.address, {});
      const calls = Array.from({ length: 3 }, () => client.start());
      // The first is there, the second in service, the third in line.
      const first = await next.call(0);
      for (const { cancel } of calls) cancel();
      for (const { ended } of calls) assert.equal((await ended).status, 'CANCELLED');
      (await next.call(1)).answer(CODE.ok);
      (await next.call(2)).answer(CODE.ok);
      first.answer(CODE.ok);
      for (const call of next.calls) assert.equal(await call.closed, 0);
      // What comes over one connection is heard in order.
      const last = client.start();
      (await next.call(3)).answer(CODE.ok);
      await last.ended;
      const { front } = chain.stop();
      assert.deepEqual(front?.answeredByCode, { OK: 1 });
      assert.deepEqual([front?.cancelled, front?.outlived], [3, 3]);
    });

    test('rpc-abort after service comes in place of what the next tier said', async () => {
      await using next = await startRecordingTier(CODE.ok);
      using chain = await startTierChain({
        tiers: [{ name: 'front', server, next: nextOf() }],
        lastNext: next.address,
        faults: [faultWindow('rpc-abort', { code: 'ABORTED', after: 'service' })],
      });
      using client = createChatClient(chain.address);
      assert.equal((await client.say('hi')).code, CODE.aborted);
      assert.equal(next.calls.length, 1);
    });

    test('what is drawn for a call on one tier says nothing of the next', async () => {
      using chain = await startTierChain({
        tiers: [
          { name: 'front', server, next: nextOf() },
          { name: 'back', server },
        ],
        faults: [faultWindow('rpc-abort', { code: 'ABORTED' }, { share: 0.5 })],
      });
      using client = createChatClient(chain.address);
      const ids = Array.from({ length: 40 }, (_, ordinal) => ({ ordinal, dueNs: 0 }));
      await Promise.all(ids.map((id) => client.say('hi', { id })));
      const { back } = chain.stop();
      const { OK = 0, ABORTED = 0 } = back?.answeredByCode ?? {};
      assert.ok(OK > 0 && ABORTED > 0, 'were they the same, none that got here would be hit');
    });

    test('streams end at the tier that they reach', async () => {
      await using next = await startRecordingTier(CODE.ok);
      using chain = await frontOf({}, next.address);
      using client = createChatClient(chain.address);
      assert.equal((await client.sayAll(['a', 'b'])).reply?.said, 2);
      assert.equal(next.calls.length, 0);
    });
  });
}

test('what the interceptor deadline-propagation leaves is all that the next tier gets', async () => {
  await using next = await startRecordingTier(CODE.ok);
  const interceptors = [
    {
      name: 'deadline-propagation',
      kind: 'deadline-propagation',
      options: { budget: 20e9, reserve: 5e9 },
    },
  ];
  using chain = await startTierChain({
    tiers: [{ name: 'front', next: nextOf(), interceptors }],
    lastNext: next.address,
  });
  using client = createChatClient(chain.address);
  assert.equal((await client.say('hi', { deadlineMs: 60_000 })).code, CODE.ok);
  const { timeoutMs = Number.NaN } = await next.call(0);
  assert.ok(timeoutMs <= 15_000 && timeoutMs > 5_000, `${timeoutMs} ms`);
});
