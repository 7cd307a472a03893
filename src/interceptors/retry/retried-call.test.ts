/**
 * The interceptor `retry` between a real client and a real server of grpc-js. The server does with each
 * attempt what a script says, and keeps what it saw of it; `metrics` behind `retry` tells of ended attempts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeChains } from '../../../test/support/chains.js';
import { type Echo, startEcho } from '../../../test/support/echo.js';
import { type SeenAttempt, type Step, scripted } from '../../../test/support/scripted-attempts.js';
import { until } from '../../../test/support/until.js';
import { KeptRequests, Room } from './kept-requests.js';

const CODE = { ok: 0, cancelled: 1, deadline: 4, aborted: 10, unavailable: 14 };

const down: Step = { code: CODE.unavailable };

interface Retried extends AsyncDisposable {
  readonly echo: Echo;
  readonly seen: readonly SeenAttempt[];
  /** What the interceptor did so far. */
  events(): Readonly<Record<string, number>>;
  /** Attempts that ended for the client so far. */
  ended(): number;
}

/** Backoff is short unless a test says otherwise. */
const QUICK = { initial: '1ms', maximum: '1ms', multiplier: 1, jitter: 'none' };

async function startRetried(options: object, steps: readonly Step[], last: Step = 'answer') {
  const { intercept, seen } = scripted(steps, last);
  const retry = { attempts: 4, backoff: QUICK, ...options };
  const chains = makeChains({ client: [{ retry }, 'metrics'] });
  const echo = await startEcho({ client: chains.client, server: [intercept] });
  const events: Record<string, number> = {};
  let ended = 0;
  const take = () => {
    for (const cell of chains.clientSaw.takeCounts()) {
      for (const count of Object.values(cell.byCode)) ended += count;
      for (const [event, count] of Object.entries(cell.events ?? {})) {
        events[event] = (events[event] ?? 0) + count;
      }
    }
  };
  const retried: Retried = {
    echo,
    seen,
    events() {
      take();
      return events;
    },
    ended() {
      take();
      return ended;
    },
    [Symbol.asyncDispose]: () => echo[Symbol.asyncDispose](),
  };
  return retried;
}

test('a failure is retried, and each attempt says how many there were before it', async () => {
  await using run = await startRetried({}, [down, down]);
  const { code, replies } = await run.echo.unary('hi');
  assert.deepEqual([code, replies], [CODE.ok, ['hi']]);
  assert.deepEqual(
    run.seen.map(({ previous }) => previous),
    [undefined, '1', '2'],
  );
  assert.deepEqual(run.events(), { retry: 2 });
});

test('after the last attempt the call ends with its status, details and trailers', async () => {
  const failing: Step = { code: CODE.unavailable, trailers: { why: 'scripted' } };
  await using run = await startRetried({ attempts: 3 }, [], failing);
  const ended = await run.echo.unary('hi');
  assert.deepEqual([ended.code, ended.details], [CODE.unavailable, 'as scripted']);
  assert.deepEqual(ended.metadata.get('why'), ['scripted']);
  assert.equal(run.seen.length, 3);
  assert.deepEqual(run.events(), { retry: 2, 'no retry: attempts': 1 });
});

test('a rule on trailers is met by those of the attempt, and by no others', async () => {
  const retryOn = [{ code: 'ABORTED', trailers: { 'x-retry': 'yes' } }];
  const yes: Step = { code: CODE.aborted, trailers: { 'x-retry': 'yes' } };
  const no: Step = { code: CODE.aborted, trailers: { 'x-retry': 'no' } };
  await using run = await startRetried({ retryOn }, [yes, 'answer', no]);
  assert.equal((await run.echo.unary('hi')).code, CODE.ok);
  assert.equal((await run.echo.unary('hi')).code, CODE.aborted);
  assert.equal(run.seen.length, 3);
});

test('attempts have times of their own, which grow and which the server is told of', async () => {
  const options = { timeouts: ['60ms', '240ms'], retryOn: ['DEADLINE_EXCEEDED'] };
  await using run = await startRetried(options, ['hang', 'hang']);
  const { code, replies } = await run.echo.unary('hi', { deadlineMs: 20_000 });
  assert.deepEqual([code, replies], [CODE.ok, ['hi']]);
  const given = run.seen.map(({ givenMs }) => givenMs);
  assert.equal(given.length, 3);
  // grpc-js tells servers of whole milliseconds, rounded up, and counts them from the arrival.
  for (const [index, limitMs] of [60, 240, 240].entries()) {
    assert.ok((given[index] ?? Infinity) <= limitMs + 2, `attempt ${index}: ${given[index]} ms`);
  }
  assert.ok((given[1] ?? 0) > 62, `${given[1]} ms: the second has more than the first`);
});

test('the deadline of the call spans all attempts', async () => {
  const options = { attempts: 100, timeouts: ['20ms'], retryOn: ['DEADLINE_EXCEEDED'] };
  await using run = await startRetried(options, [], 'hang');
  assert.equal((await run.echo.unary('hi', { deadlineMs: 150 })).code, CODE.deadline);
  const { retry = 0, ...denied } = run.events();
  // Seven times 20 ms is all there is room for.
  assert.ok(retry >= 1 && retry <= 7, `${retry} retries`);
  assert.deepEqual(denied, { 'no retry: deadline': 1 });
});

test('a retry that would come after the deadline is not waited for', async () => {
  const backoff = { initial: '600s', maximum: '600s', jitter: 'none' };
  await using run = await startRetried({ backoff }, [down]);
  assert.equal((await run.echo.unary('hi', { deadlineMs: 300_000 })).code, CODE.unavailable);
  assert.deepEqual(run.events(), { 'no retry: deadline': 1 });
});

test('a server that says when to come back is believed, and one that says not to', async () => {
  const backoff = { initial: '600s', maximum: '600s', jitter: 'none' };
  const pushback = (ms: string): Step => ({
    code: CODE.unavailable,
    trailers: { 'grpc-retry-pushback-ms': ms },
  });
  await using run = await startRetried({ backoff }, [
    pushback('5'),
    'answer',
    pushback('-1'),
    pushback('soon'),
  ]);
  assert.equal((await run.echo.unary('hi')).code, CODE.ok);
  assert.equal((await run.echo.unary('hi')).code, CODE.unavailable);
  assert.equal((await run.echo.unary('hi')).code, CODE.unavailable);
  assert.deepEqual(run.events(), { retry: 1, 'no retry: pushback': 2 });
});

test('a budget is shared by all calls; when it is used up calls end with what they have', async () => {
  const options = { attempts: 10, budget: { tokens: { maxTokens: 8, tokenRatio: 0.1 } } };
  await using run = await startRetried(options, [], down);
  const codes = await Promise.all(Array.from({ length: 5 }, () => run.echo.unary('hi')));
  assert.deepEqual(new Set(codes.map(({ code }) => code)), new Set([CODE.unavailable]));
  // From 8 tokens to 4 there are three failures that leave more than half.
  assert.deepEqual(run.events(), { retry: 3, 'no retry: budget': 5 });
  assert.equal(run.seen.length, 8);
});

test('a budget of what is open: one retry at a time, and the next when that one has ended', async () => {
  const budget = { concurrency: { ofAttempts: '0%', minimum: 1 } };
  await using run = await startRetried({ attempts: 2, budget }, [
    ...[down, down, down, 'hang' as const],
    ...[down, down, 'answer' as const],
  ]);
  // One after another: each retry ends with its call.
  assert.equal((await run.echo.unary('hi')).code, CODE.unavailable);
  const stream = run.echo.stream();
  await until('its retry has arrived', () => run.seen.length === 4);
  assert.equal((await run.echo.unary('hi')).code, CODE.unavailable);
  assert.deepEqual(run.events(), { retry: 2, 'no retry: attempts': 1, 'no retry: budget': 1 });
  stream.cancel();
  assert.equal((await stream.ended).code, CODE.cancelled);
  assert.equal((await run.echo.unary('hi')).code, CODE.ok);
});

test('a budget of what is open: attempts count while they are open', async () => {
  const budget = { concurrency: { ofAttempts: '50%', minimum: 0 } };
  await using run = await startRetried({ budget }, ['hang', 'hang', down, 'answer', down]);
  const streams = [run.echo.stream(), run.echo.stream()];
  await until('two attempts are open', () => run.seen.length === 2);
  assert.equal((await run.echo.unary('hi')).code, CODE.ok);
  for (const stream of streams) stream.cancel();
  await Promise.all(streams.map(({ ended }) => ended));
  assert.equal((await run.echo.unary('hi')).code, CODE.unavailable);
  assert.deepEqual(run.events(), { retry: 1, 'no retry: budget': 1 });
});

test('a budget of what is open: a retry that is not made after all is given back', async () => {
  const backoff = { initial: '600s', maximum: '600s', jitter: 'none' };
  const budget = { concurrency: { ofAttempts: '0%', minimum: 1 } };
  const atOnce: Step = { code: CODE.unavailable, trailers: { 'grpc-retry-pushback-ms': '0' } };
  await using run = await startRetried({ backoff, budget }, [down, atOnce, atOnce]);
  const stream = run.echo.stream();
  await until('it waits for its retry', () => run.ended() === 1);
  assert.equal((await run.echo.unary('hi')).code, CODE.unavailable);
  stream.cancel();
  assert.equal((await stream.ended).code, CODE.cancelled);
  assert.equal((await run.echo.unary('hi')).code, CODE.ok);
  assert.deepEqual(run.events(), { 'no retry: budget': 1, retry: 1 });
});

test('a call that has headers is committed', async () => {
  const step: Step = { code: CODE.unavailable, withHeaders: true };
  await using run = await startRetried({}, [step]);
  assert.equal((await run.echo.unary('hi')).code, CODE.unavailable);
  assert.deepEqual(run.events(), { 'no retry: committed': 1 });
});

test('a cancel ends the wait for a retry at once, and no attempt follows', async () => {
  const backoff = { initial: '600s', maximum: '600s', jitter: 'none' };
  await using run = await startRetried({ backoff }, [down]);
  const stream = run.echo.stream();
  await until('the first attempt has ended', () => run.ended() === 1);
  stream.cancel();
  assert.equal((await stream.ended).code, CODE.cancelled);
  assert.equal(run.seen.length, 1);
});

test('a cancel of the call is no failure of its attempt', async () => {
  await using run = await startRetried({ retryOn: ['CANCELLED'] }, [], 'hang');
  const stream = run.echo.stream();
  await until('the attempt has arrived', () => run.seen.length === 1);
  stream.cancel();
  assert.equal((await stream.ended).code, CODE.cancelled);
  assert.deepEqual([run.seen.length, run.events()], [1, {}]);
});

test('the requests of a stream are sent again, in order, and its end', async () => {
  const step: Step = { code: CODE.unavailable, afterMessages: 2 };
  await using run = await startRetried({}, [step, step]);
  const stream = run.echo.stream();
  const said = ['a', 'b', 'c'].map((text) => stream.say(text));
  stream.end();
  assert.deepEqual(await Promise.all(said), ['a', 'b', 'c']);
  const { code, replies } = await stream.ended;
  assert.deepEqual([code, replies], [CODE.ok, ['a', 'b', 'c']]);
  assert.deepEqual(
    run.seen.map(({ messages }) => messages.slice(0, 2)),
    [
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ],
  );
});

test('a stream that was answered is not retried, whatever its end', async () => {
  await using run = await startRetried({ retryOn: ['CANCELLED', 'INTERNAL', 'UNKNOWN'] }, []);
  const stream = run.echo.stream();
  assert.equal(await stream.say('a'), 'a');
  await run.echo[Symbol.asyncDispose]();
  assert.notEqual((await stream.ended).code, CODE.ok);
  assert.equal(run.seen.length, 1);
});

test('requests that are too large to be kept commit their call', async () => {
  const step: Step = { code: CODE.unavailable, afterMessages: 2 };
  await using run = await startRetried({ keep: '3B' }, [step, step]);
  const stream = run.echo.stream();
  void stream.say('ab');
  void stream.say('cd');
  assert.equal((await stream.ended).code, CODE.unavailable);
  assert.deepEqual(run.seen[0]?.messages, ['ab', 'cd']);
  assert.deepEqual(run.events(), { 'no retry: committed': 1 });
});

test("the time of a stream's attempt is to its first answer, and not to its end", async () => {
  const options = { timeouts: ['80ms'], retryOn: ['DEADLINE_EXCEEDED'] };
  await using run = await startRetried(options, ['hang']);
  const stream = run.echo.stream();
  assert.equal(await stream.say('a'), 'a');
  assert.deepEqual(
    run.seen.map(({ givenMs, previous }) => [givenMs, previous]),
    [
      [Infinity, undefined],
      [Infinity, '1'],
    ],
  );
  // A call that takes longer than the attempt had: the stream, which was first, is still there.
  await run.echo.unary('hang', { deadlineMs: 120 });
  assert.equal(await stream.say('b'), 'b');
  stream.end();
  assert.equal((await stream.ended).code, CODE.ok);
});

test('what is kept is bounded by call and altogether, and given back', () => {
  const room = new Room(10, 15);
  const request = (length: number) => ({
    message: Buffer.alloc(length),
    flags: undefined,
    written: undefined,
  });
  const one = new KeptRequests(room);
  const other = new KeptRequests(room);
  assert.deepEqual([one.add(request(6)), one.add(request(4)), room.bytes], [true, true, 10]);
  assert.deepEqual([other.add(request(5)), room.bytes], [true, 15]);
  assert.equal(other.add(request(1)), false, 'all room is taken');
  other.forget(1);
  assert.deepEqual([room.bytes, other.at(0), other.at(1)?.message.length], [10, undefined, 1]);
  assert.equal(one.add(request(1)), false, 'as much as one call may keep');
  one.end();
  other.end();
  assert.equal(room.bytes, 0);
});
