/**
 * Faults and capacity as a real client sees them. First attempts are judged by the due time that
 * the client sends, so what is hit is exact, however slow the machine is.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChatClient } from '../../test/support/chat-client.js';
import { beginNow, faultWindow, startTestFleet } from '../../test/support/fleet.js';
import { until } from '../../test/support/until.js';
import { hitFingerprint, hits } from '../faults/decide.js';
import type { CallView } from '../faults/fault.js';
import { SERVER_KINDS } from './spec.js';

const MS = 1e6;
const SECOND = 1e9;
const SEED = 7;
const CODE = { ok: 0, deadline: 4, exhausted: 8, unavailable: 14 };
const NO_RETRIES = { 'grpc.enable_retries': 0 };

function say(ordinal: number, previousAttempts = 0): CallView {
  return { method: '/chat.ChatService/Say', ordinal, previousAttempts };
}

/** Calls in one go, numbered from 0, due at one moment. */
function sayMany(client: ReturnType<typeof createChatClient>, count: number, dueNs: number) {
  return Promise.all(
    Array.from({ length: count }, (_, ordinal) => client.say('hi', { id: { ordinal, dueNs } })),
  );
}

for (const server of SERVER_KINDS) {
  describe(`on ${server}`, () => {
    describe('rpc-abort', () => {
      test('hits exactly the calls that the plan says, none due outside its window', async () => {
        const abort = faultWindow(
          'rpc-abort',
          { code: 'UNAVAILABLE', pushback: '250ms', message: 'not now' },
          { fromNs: SECOND, toNs: 2 * SECOND, share: 0.5 },
        );
        await using fleet = await startTestFleet({ server, faults: [abort], seed: SEED });
        using client = createChatClient(fleet.address, NO_RETRIES);
        beginNow(fleet);
        for (const dueNs of [SECOND - 1_000, 2 * SECOND]) {
          for (const { code } of await sayMany(client, 20, dueNs)) assert.equal(code, CODE.ok);
        }
        const calls = 60;
        const isHit = (ordinal: number) => hits(abort, say(ordinal), SEED);
        for (const dueNs of [SECOND, 2 * SECOND - 1_000]) {
          const results = await sayMany(client, calls, dueNs);
          for (const [ordinal, { code, details, trailers }] of results.entries()) {
            assert.equal(code, isHit(ordinal) ? CODE.unavailable : CODE.ok, `call ${ordinal}`);
            if (!isHit(ordinal)) continue;
            assert.equal(details, 'not now');
            assert.deepEqual(trailers.get('grpc-retry-pushback-ms'), ['250']);
          }
        }
        await fleet.stop();
        const hit = 2 * Array.from({ length: calls }, (_, i) => i).filter(isHit).length;
        const { faults, answeredByCode, receivedByPreviousAttempts, cancelled } = fleet.totals();
        assert.deepEqual(answeredByCode, { OK: 40 + 2 * calls - hit, UNAVAILABLE: hit });
        assert.deepEqual(receivedByPreviousAttempts, { 0: 40 + 2 * calls });
        assert.equal(cancelled, 0);
        const { hitFirstSum: _, ...counts } = faults[abort.id] ?? assert.fail('it was not counted');
        assert.deepEqual(counts, { seen: 120, seenFirst: 120, hit, hitFirst: hit });
      });

      test('two fleets with one seed hit the same calls, in whatever order these come', async () => {
        const abort = faultWindow('rpc-abort', { code: 'ABORTED' }, { share: 0.3 });
        const fingerprint = async (ordinals: readonly number[], seed: number) => {
          await using fleet = await startTestFleet({ server, faults: [abort], seed });
          using client = createChatClient(fleet.address, NO_RETRIES);
          beginNow(fleet);
          await Promise.all(
            ordinals.map((ordinal) => client.say('', { id: { ordinal, dueNs: 0 } })),
          );
          await fleet.stop();
          return fleet.totals().faults[abort.id]?.hitFirstSum;
        };
        const forth = Array.from({ length: 100 }, (_, ordinal) => ordinal);
        const expected = forth
          .filter((ordinal) => hits(abort, say(ordinal), SEED))
          .reduce((sum, ordinal) => (sum + hitFingerprint(abort, say(ordinal))) >>> 0, 0);
        assert.equal(await fingerprint(forth, SEED), expected);
        assert.equal(await fingerprint(forth.toReversed(), SEED), expected);
        assert.notEqual(await fingerprint(forth, SEED + 1), expected);
      });

      test('of a retrying client every attempt is counted and drawn for anew', async () => {
        const abort = faultWindow('rpc-abort', { code: 'UNAVAILABLE' }, { share: 0.5 });
        const attemptsMax = 4;
        await using fleet = await startTestFleet({ server, faults: [abort], seed: SEED });
        using client = createChatClient(fleet.address, {
          'grpc.service_config': JSON.stringify({
            methodConfig: [
              {
                name: [{}],
                retryPolicy: {
                  maxAttempts: attemptsMax,
                  initialBackoff: '0.001s',
                  maxBackoff: '0.001s',
                  backoffMultiplier: 1,
                  retryableStatusCodes: ['UNAVAILABLE'],
                },
              },
            ],
          }),
        });
        beginNow(fleet);
        const calls = 40;
        const results = await sayMany(client, calls, 0);
        await fleet.stop();
        // The attempt that ends a call is its first that is not hit, or its last.
        const received = Array.from({ length: attemptsMax }, () => 0);
        for (const [ordinal, { code }] of results.entries()) {
          let attempt = 0;
          while (attempt < attemptsMax && hits(abort, say(ordinal, attempt), SEED)) attempt++;
          assert.equal(
            code,
            attempt === attemptsMax ? CODE.unavailable : CODE.ok,
            `call ${ordinal}`,
          );
          for (let i = 0; i <= Math.min(attempt, attemptsMax - 1); i++) {
            received[i] = (received[i] ?? 0) + 1;
          }
        }
        assert.deepEqual(fleet.totals().receivedByPreviousAttempts, { ...received });
        assert.equal(fleet.totals().faults[abort.id]?.seenFirst, calls);
      });

      test('after "never" a client does not retry; on a stream it acts when that opens', async () => {
        const options = { code: 'UNAVAILABLE', pushback: 'never', after: 'service' };
        await using fleet = await startTestFleet({
          server,
          faults: [faultWindow('rpc-abort', options)],
        });
        using client = createChatClient(fleet.address, NO_RETRIES);
        beginNow(fleet);
        const { trailers } = await client.say('hi');
        assert.deepEqual(trailers.get('grpc-retry-pushback-ms'), ['-1']);
        for (const stream of [client.chat(), client.listen(0)]) {
          const { code, metadata } = await stream.status;
          assert.equal(code, CODE.unavailable);
          assert.deepEqual(metadata.get('grpc-retry-pushback-ms'), ['-1']);
        }
        assert.equal((await client.sayAll(['a', 'b'])).code, CODE.unavailable);
        assert.equal((await client.check('')).code, CODE.ok, 'health is never hit');
      });

      test('after service it costs what a success does, and at arrival nothing', async () => {
        for (const [after, busyNs] of [
          ['service', 40 * MS],
          ['arrival', 0],
        ] as const) {
          await using fleet = await startTestFleet({
            server,
            specs: [
              {
                name: 'b0',
                port: 0,
                capacity: { slots: 1, queue: 9, serviceTime: { kind: 'fixed', ns: 40 * MS } },
              },
            ],
            faults: [faultWindow('rpc-abort', { code: 'INTERNAL', after })],
          });
          using client = createChatClient(fleet.address, NO_RETRIES);
          beginNow(fleet);
          const { code, tookMs } = await client.say('hi');
          assert.equal(code, 13);
          if (after === 'service') assert.ok(tookMs >= 40, `${tookMs} ms`);
          await fleet.stop();
          assert.equal(fleet.totals().busyNs, busyNs);
        }
      });
    });

    describe('rpc-delay', () => {
      test('of 50 ms on an idle target: the median takes at most 2 ms more than that and a call', async () => {
        const delay = faultWindow(
          'rpc-delay',
          { delay: '50ms' },
          { fromNs: SECOND, toNs: 2 * SECOND },
        );
        await using fleet = await startTestFleet({ server, faults: [delay] });
        using client = createChatClient(fleet.address);
        beginNow(fleet);
        // Compiles the road of a call on both sides, and connects.
        await sayMany(client, 300, 0);
        const sorted = (values: number[]) => values.toSorted((a, b) => a - b);
        const addedMs = async () => {
          const plainMs: number[] = [];
          const delayedMs: number[] = [];
          for (let ordinal = 0; ordinal < 21; ordinal++) {
            // In turn, so that a machine that is busy for a while is so for both.
            for (const [dueNs, tookMs] of [[0, plainMs] as const, [SECOND, delayedMs] as const]) {
              const call = await client.say('hi', { id: { ordinal, dueNs } });
              assert.equal(call.code, CODE.ok);
              tookMs.push(call.tookMs);
            }
          }
          const [shortestMs = 0] = sorted(delayedMs);
          assert.ok(shortestMs >= 50, `the shortest took ${shortestMs} ms`);
          return (sorted(delayedMs)[10] ?? 0) - (sorted(plainMs)[10] ?? 0);
        };
        // A timer is up to about 1 ms late. On an idle machine a call takes 1 ms or less: 53 ms at most.
        // A stall of the machine passes, so it is measured again; a delay that is too long would stay.
        let leastMs = await addedMs();
        for (let tries = 1; tries < 4 && leastMs > 52; tries++) {
          leastMs = Math.min(leastMs, await addedMs());
        }
        assert.ok(leastMs <= 52, `the median call took ${leastMs} ms longer`);
      });

      test('a call whose client gives up meanwhile is never handed on', async () => {
        await using fleet = await startTestFleet({
          server,
          faults: [faultWindow('rpc-delay', { delay: '200ms' })],
          intervalNs: 20 * MS,
        });
        using client = createChatClient(fleet.address);
        beginNow(fleet);
        assert.equal((await client.say('hi', { deadlineMs: 40 })).code, CODE.deadline);
        await until('it is counted', () => fleet.totals().cancelled === 1);
        assert.equal((await client.say('later')).code, CODE.ok);
        await fleet.stop();
        assert.equal(fleet.totals().messagesReceived, 1, 'the second only');
        assert.deepEqual(fleet.totals().answeredByCode, { OK: 1 });
      });
    });

    describe('rpc-hang', () => {
      test('answers nothing until the deadline passes', async () => {
        await using fleet = await startTestFleet({ server, faults: [faultWindow('rpc-hang', {})] });
        using client = createChatClient(fleet.address);
        beginNow(fleet);
        const { code, tookMs } = await client.say('hi', { deadlineMs: 60 });
        assert.equal(code, CODE.deadline);
        // Deadlines are whole milliseconds of the wall clock, rounded either way.
        assert.ok(tookMs >= 58, `${tookMs} ms`);
        await fleet.stop();
        assert.equal(fleet.totals().cancelled, 1);
        assert.deepEqual(fleet.totals().answeredByCode, {});
      });

      test('a call without a deadline is let go when the server stops', async () => {
        await using fleet = await startTestFleet({
          server,
          faults: [faultWindow('rpc-hang', {})],
          intervalNs: 20 * MS,
        });
        using client = createChatClient(fleet.address, NO_RETRIES);
        beginNow(fleet);
        const call = client.say('hi');
        await until('it arrived', () => fleet.totals().receivedByPreviousAttempts['0'] === 1);
        await fleet.stop();
        assert.notEqual((await call).code, CODE.ok);
      });
    });

    describe('capacity', () => {
      const capacity = (slots: number, queue: number, ns: number) => ({
        specs: [
          { name: 'b0', port: 0, capacity: { slots, queue, serviceTime: { kind: 'fixed', ns } } },
        ] as const,
      });

      test('beyond slots and line a call is refused, and counted as shed', async () => {
        await using fleet = await startTestFleet({ server, ...capacity(1, 2, 100 * MS) });
        using client = createChatClient(fleet.address, NO_RETRIES);
        beginNow(fleet);
        await client.check('');
        const results = await sayMany(client, 5, 0);
        const codes = results.map(({ code }) => code);
        assert.deepEqual(codes, [0, 0, 0, CODE.exhausted, CODE.exhausted]);
        assert.equal(results[3]?.details, 'queue full');
        // Served one after another: the third waits for two services and has its own.
        assert.ok((results[2]?.tookMs ?? 0) >= 300, `${results[2]?.tookMs} ms`);
        await fleet.stop();
        const { shed, busyNs, queueLengthMax, answeredByCode } = fleet.totals();
        assert.deepEqual([shed, busyNs, queueLengthMax], [2, 300 * MS, 2]);
        assert.deepEqual(answeredByCode, { OK: 3, RESOURCE_EXHAUSTED: 2 });
      });

      test('SayAll takes one service for all that was said; streams of replies take none', async () => {
        await using fleet = await startTestFleet({ server, ...capacity(1, 0, 30 * MS) });
        using client = createChatClient(fleet.address, NO_RETRIES);
        beginNow(fleet);
        const listener = client.listen(3);
        await until('it listens', async () => (await client.say('x')).reply?.delivered === 1);
        assert.equal((await client.sayAll(['a', 'b', 'c'])).code, CODE.ok);
        assert.equal((await listener.status).code, CODE.ok);
        await fleet.stop();
        const { answeredByCode, busyNs } = fleet.totals();
        // All OKs but the listener's had one service each.
        assert.equal(busyNs, ((answeredByCode.OK ?? 0) - 1) * 30 * MS);
      });

      test('work for a deadline that passed in the line is done all the same, and wasted', async () => {
        await using fleet = await startTestFleet({
          server,
          ...capacity(1, 9, 150 * MS),
          intervalNs: 20 * MS,
        });
        using client = createChatClient(fleet.address, NO_RETRIES);
        beginNow(fleet);
        await client.check('');
        const [first, second] = await Promise.all([
          client.say('first'),
          client.say('second', { deadlineMs: 60 }),
        ]);
        assert.deepEqual([first.code, second.code], [CODE.ok, CODE.deadline]);
        await until('both services', () => fleet.totals().busyNs === 300 * MS);
        await fleet.stop();
        const { wasted, wastedNs, cancelled, messagesReceived } = fleet.totals();
        assert.deepEqual([wasted, wastedNs, cancelled, messagesReceived], [1, 150 * MS, 1, 1]);
      });

      test('equal calls ask for equal service in every fleet of one seed', async () => {
        const serviceTime = { kind: 'exponential', meanNs: 2 * MS } as const;
        const specs = [{ name: 'b0', port: 0, capacity: { slots: 64, queue: 0, serviceTime } }];
        const busyNs = async (seed: number) => {
          await using fleet = await startTestFleet({ server, specs, seed });
          using client = createChatClient(fleet.address, NO_RETRIES);
          beginNow(fleet);
          await sayMany(client, 50, 0);
          await fleet.stop();
          return fleet.totals().busyNs;
        };
        const first = await busyNs(SEED);
        assert.ok(first > 0);
        assert.equal(await busyNs(SEED), first);
        assert.notEqual(await busyNs(SEED + 1), first);
      });
    });
  });
}
