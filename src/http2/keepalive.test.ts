/** Keepalive and its enforcement by a clock of the test's own: when pings go, who is dead, who is too busy. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Keepalive } from './keepalive.js';
import { PingPolicy } from './ping-policy.js';

const TIMES = { timeNs: 100e6, timeoutNs: 30e6, withoutStreams: false };

function start(context: TestContext, times: Partial<typeof TIMES> = {}) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const answers: (() => void)[] = [];
  const connection = {
    streamCount: 0,
    ping: (answer: (roundTripNs: number) => void) => {
      answers.push(() => answer(1));
      return true;
    },
  };
  let deaths = 0;
  const keepalive = new Keepalive(connection, { ...TIMES, ...times }, () => deaths++);
  const pass = async (ms: number) => {
    context.mock.timers.tick(ms);
    await nextTurn();
  };
  return { connection, keepalive, answers, pass, deaths: () => deaths };
}

test('a ping every so long while there are streams; no answer in time is death, once', async (t) => {
  const { connection, answers, pass, deaths } = start(t);
  connection.streamCount = 1;
  await pass(99);
  assert.equal(answers.length, 0);
  await pass(1);
  assert.equal(answers.length, 1);
  await pass(29);
  answers[0]?.();
  await pass(99);
  assert.deepEqual([answers.length, deaths()], [1, 0]);
  await pass(1);
  assert.equal(answers.length, 2);
  await pass(29);
  assert.equal(deaths(), 0);
  await pass(1);
  assert.equal(deaths(), 1);
  await pass(1_000);
  assert.deepEqual([answers.length, deaths()], [2, 1]);
});

test('without streams it sleeps, and the next stream is pinged for at once', async (t) => {
  const { connection, keepalive, answers, pass, deaths } = start(t);
  keepalive.streamStarted();
  assert.equal(answers.length, 0, 'not before its time');
  await pass(5_000);
  assert.equal(answers.length, 0);
  connection.streamCount = 1;
  keepalive.streamStarted();
  keepalive.streamStarted();
  assert.equal(answers.length, 1);
  await pass(30);
  assert.equal(deaths(), 1);
});

test('without streams, where that is wanted, it pings all the same; stopped, never again', async (t) => {
  const { keepalive, answers, pass, deaths } = start(t, { withoutStreams: true });
  await pass(100);
  answers[0]?.();
  await pass(100);
  assert.equal(answers.length, 2);
  keepalive.stop();
  answers[1]?.();
  await pass(5_000);
  assert.deepEqual([answers.length, deaths()], [2, 0]);
});

test('an answer that came while the thread was busy counts', async (t) => {
  const { connection, answers, deaths } = start(t);
  connection.streamCount = 1;
  t.mock.timers.tick(100);
  // The timer is first, the socket second, in one turn of the loop.
  t.mock.timers.tick(30);
  answers[0]?.();
  await nextTurn();
  assert.equal(deaths(), 0);
});

/** Judgements of pings at these moments, in ms. */
function judged(
  momentsMs: readonly number[],
  { hasStreams = true, withoutStreams = false, sent = () => 0 as number } = {},
): boolean[] {
  let nowNs = 0;
  const policy = new PingPolicy({ minTimeNs: 1e9, withoutStreams }, () => nowNs);
  return momentsMs.map((atMs) => {
    nowNs = atMs * 1e6;
    return policy.isTooMany(hasStreams, sent());
  });
}

test('the third ping that comes too early is too many', () => {
  assert.deepEqual(judged([0, 999, 1_998, 2_997]), [false, false, false, true]);
  assert.deepEqual(judged([0, 1_000, 2_000, 3_000, 4_000]).includes(true), false);
  // Strikes are not forgiven for good conduct.
  assert.deepEqual(judged([0, 10, 5_000, 5_010, 9_000, 9_010]), [
    ...[false, false, false, false, false],
    true,
  ]);
});

test('what the server had to send forgives all that was before', () => {
  let octets = 0;
  const sent = () => (octets += 10);
  assert.equal(judged([0, 1, 2, 3, 4, 5, 6, 7], { sent }).includes(true), false);
});

test('without streams a ping is due once in two hours, unless it is permitted', () => {
  const moments = [0, 1_000, 2_000, 3_000];
  const idle = { hasStreams: false };
  assert.deepEqual(judged(moments, idle), [false, false, false, true]);
  assert.equal(judged(moments, { ...idle, withoutStreams: true }).includes(true), false);
  const hours = [0, 2, 4, 6].map((count) => count * 3_600e3);
  assert.equal(judged(hours, idle).includes(true), false);
});
