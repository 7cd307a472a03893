/**
 * What clients of grpc-js see of calls that are open when its server goes: docs/client-behaviour.md, "grpc-js,
 * suspect by suspect". A test that goes red here is a server that has changed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RawServer, startRawServer, unaryCode } from '../../../test/support/raw-server.js';
import { until } from '../../../test/support/until.js';

const CODE = { ok: 0, cancelled: 1, unavailable: 14 };
const CALLS = 20;

/** @returns the codes of calls that were in their handlers when the server was told to go, and of one after. */
async function codesOf(
  go: (server: RawServer, answerAll: () => void) => Promise<void> | void,
): Promise<{ readonly open: readonly number[]; readonly next: number }> {
  const waiting: (() => void)[] = [];
  let hasGone = false;
  using server = await startRawServer({
    unary(call, reply) {
      const answer = () => reply(null, call.request);
      if (hasGone) answer();
      else waiting.push(answer);
    },
  });
  using client = server.client();
  const ends = Array.from({ length: CALLS }, () => unaryCode(client));
  await until('all are in their handlers', () => waiting.length === CALLS);
  await go(server, () => {
    for (const answer of waiting) answer();
  });
  hasGone = true;
  const open = await Promise.all(ends);
  return { open, next: await unaryCode(client) };
}

const all = (code: number) => new Array(CALLS).fill(code);

test('forceShutdown cuts calls off CANCELLED, which no policy for UNAVAILABLE retries', async () => {
  const { open, next } = await codesOf(({ server }) => server.forceShutdown());
  assert.deepEqual(open, all(CODE.cancelled));
  assert.equal(next, CODE.unavailable);
});

test('so does a drain whose grace is over; the server stays and takes the next call', async () => {
  const { open, next } = await codesOf(({ server, address }) => server.drain(address, 0));
  assert.deepEqual(open, all(CODE.cancelled));
  assert.equal(next, CODE.ok);
});

test('a drain with grace, and tryShutdown, lose none', async () => {
  const drained = await codesOf(({ server, address }, answerAll) => {
    server.drain(address, 60_000);
    answerAll();
  });
  assert.deepEqual(drained, { open: all(CODE.ok), next: CODE.ok });
  const shut = await codesOf(
    ({ server }, answerAll) =>
      new Promise((resolve, reject) => {
        let hasAnswered = false;
        server.tryShutdown(() => (hasAnswered ? resolve() : reject(new Error('down too early'))));
        hasAnswered = true;
        answerAll();
      }),
  );
  assert.deepEqual(shut, { open: all(CODE.ok), next: CODE.unavailable });
});
