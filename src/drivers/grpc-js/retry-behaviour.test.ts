/**
 * What grpc-js does of gRFC A6, and what it does otherwise: docs/client-behaviour.md says what is expected. A
 * test that goes red here is a client that has changed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { createWitness } from '../../../test/support/call-witness.js';
import { startEcho, UNARY } from '../../../test/support/echo.js';
import { type Step, scripted } from '../../../test/support/scripted-attempts.js';
import { clientSchema } from '../client-schema.js';
import { createDriver } from '../create-driver.js';
import type { ClientSpec } from '../spec.js';

const CODE = { deadline: 4, unavailable: 14 };
const NEVER = '600s';

/** A retry that its backoff would hold back for longer than any test. */
const patient = {
  retryPolicy: {
    maxAttempts: 4,
    initialBackoff: NEVER,
    maxBackoff: NEVER,
    backoffMultiplier: 1,
    retryableStatusCodes: ['UNAVAILABLE', 'DEADLINE_EXCEEDED'],
  },
};
const eager = { retryPolicy: { ...patient.retryPolicy, initialBackoff: '1ms', maxBackoff: '1ms' } };

async function startScripted(steps: readonly Step[], last: Step) {
  const { intercept, seen } = scripted(steps, last);
  const echo = await startEcho({ server: [intercept] });
  const call = async (client: ClientSpec, deadlineMs = 30_000) => {
    using driver = createDriver([echo.address], client);
    await driver.ready(5_000);
    const { ticket, ended } = createWitness();
    driver.channels[0]?.unary(UNARY, Buffer.from('hi'), ticket, deadlineMs * 1e6);
    return await ended;
  };
  return { call, seen, [Symbol.asyncDispose]: () => echo[Symbol.asyncDispose]() };
}

const pushback = (ms: string): Step => ({
  code: CODE.unavailable,
  trailers: { 'grpc-retry-pushback-ms': ms },
});

test('pushback: a number is waited for, a negative one ends retries, what is none is retried at once', async () => {
  const table: [value: string, status: string, attempts: string[]][] = [
    ['5', 'OK', ['first', 'retry']],
    ['-1', 'UNAVAILABLE', ['first']],
    // A6: an unparsable one is as a negative one.
    ['soon', 'OK', ['first', 'retry']],
  ];
  for (const [value, status, attempts] of table) {
    await using server = await startScripted([pushback(value)], 'answer');
    assert.deepEqual(await server.call(clientSchema.parse(patient)), { status, attempts }, value);
  }
});

test('a DEADLINE_EXCEEDED of the server is retried, the own deadline of the call is not', async () => {
  await using server = await startScripted([{ code: CODE.deadline }, 'answer'], 'hang');
  const client = clientSchema.parse(eager);
  assert.deepEqual(await server.call(client), { status: 'OK', attempts: ['first', 'retry'] });
  const late = await server.call(client, 60);
  assert.deepEqual(late, { status: 'DEADLINE_EXCEEDED', attempts: ['first'] });
});

test('headers commit a call; a wait that the deadline ends is waited for until then', async () => {
  await using server = await startScripted([{ code: CODE.unavailable, withHeaders: true }], {
    code: CODE.unavailable,
  });
  const committed = await server.call(clientSchema.parse(eager));
  assert.deepEqual(committed, { status: 'UNAVAILABLE', attempts: ['first'] });
  const waited = await server.call(clientSchema.parse(patient), 60);
  assert.deepEqual(waited, { status: 'DEADLINE_EXCEEDED', attempts: ['first'] });
});

test('a negative pushback to one hedge cancels those that are in flight', async () => {
  const hedgingPolicy = {
    maxAttempts: 2,
    hedgingDelay: '20ms',
    nonFatalStatusCodes: ['UNAVAILABLE'],
  };
  await using server = await startScripted(['hang'], pushback('-1'));
  // A6: the one that hangs goes on, here to its deadline.
  const { status, attempts } = await server.call(clientSchema.parse({ hedgingPolicy }), 20_000);
  assert.equal(status, 'UNAVAILABLE');
  assert.equal(attempts.length, 2);
});

test('the tokens of a throttle are those of a target, for all channels of the process', async () => {
  await using server = await startScripted([], { code: CODE.unavailable });
  const client = clientSchema.parse({
    ...eager,
    retryThrottling: { maxTokens: 4, tokenRatio: 0.1 },
  });
  assert.deepEqual((await server.call(client)).attempts, ['first', 'retry']);
  assert.deepEqual((await server.call(client)).attempts, ['first'], 'a channel of its own');
});

test('waitForReady of a service config is read, and not done', async () => {
  const methodConfig = [{ name: [{}], waitForReady: true }];
  const { serviceConfig } = clientSchema.parse({ serviceConfig: { methodConfig } });
  const own = { ...serviceConfig, loadBalancingConfig: [{ pick_first: {} }] };
  const client = new Client('ipv4:127.0.0.1:1', credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify(own),
  });
  const asIs = (bytes: Buffer) => bytes;
  const code = await new Promise((resolve) => {
    const deadline = Date.now() + 20_000;
    client.makeUnaryRequest(UNARY, asIs, asIs, Buffer.alloc(0), { deadline }, (error) =>
      resolve(error?.code),
    );
  });
  client.close();
  assert.equal(code, CODE.unavailable);
});

test('a call that has no tokens left for a retry waits its backoff before it fails', async () => {
  await using server = await startScripted([], { code: CODE.unavailable });
  const retryThrottling = { maxTokens: 2, tokenRatio: 0.1 };
  const client = clientSchema.parse({ ...patient, retryThrottling });
  // A6: it fails at once, with the status that it has.
  const late = await server.call(client, 200);
  assert.deepEqual(late, { status: 'DEADLINE_EXCEEDED', attempts: ['first'] });
});

test('a channel to the same target that has no throttle makes all others forget their tokens', async () => {
  await using server = await startScripted([], { code: CODE.unavailable });
  const retryThrottling = { maxTokens: 4, tokenRatio: 0.1 };
  const throttled = clientSchema.parse({ ...eager, retryThrottling });
  assert.deepEqual((await server.call(throttled)).attempts, ['first', 'retry']);
  assert.deepEqual((await server.call(throttled)).attempts, ['first']);
  assert.equal((await server.call(clientSchema.parse(eager))).attempts.length, 4);
  assert.deepEqual((await server.call(throttled)).attempts, ['first', 'retry']);
});

/** A service config in gRPC's own words, past everything that squall would say of it or mend. */
const verbatim = (methodConfig: object) => ({
  ...clientSchema.parse({}),
  serviceConfig: {
    ...clientSchema.parse({}).serviceConfig,
    methodConfig: [{ name: [{}], ...methodConfig }],
  },
});

test('a timeout of half a second is one of five nanoseconds, unless it has nine decimals', async () => {
  const table: [timeout: string, status: string][] = [
    ['0.5s', 'DEADLINE_EXCEEDED'],
    ['30.5s', 'OK'],
    ['30.500000000s', 'OK'],
  ];
  for (const [timeout, status] of table) {
    await using server = await startScripted([], 'answer');
    assert.equal((await server.call(verbatim({ timeout }))).status, status, timeout);
  }
});

test('at most five attempts are made, or as many as a channel argument says', async () => {
  const many = verbatim({
    retryPolicy: {
      ...eager.retryPolicy,
      maxAttempts: 8,
      initialBackoff: '0.001000000s',
      maxBackoff: '0.001000000s',
    },
  });
  for (const [limit, made] of [
    [undefined, 5],
    [10, 8],
  ] as const) {
    await using server = await startScripted([], { code: CODE.unavailable });
    const channelOptions =
      limit === undefined ? {} : { 'grpc-node.retry_max_attempts_limit': limit };
    const { attempts } = await server.call({ ...many, channelOptions });
    assert.equal(attempts.length, made);
  }
});

test('calls that are cancelled while they wait for a retry make none', async () => {
  const CALLS = 20;
  const refuse = pushback('1000');
  const { intercept, seen } = scripted(
    [...new Array(CALLS).fill(refuse), 'answer', refuse],
    'answer',
  );
  await using echo = await startEcho({ server: [intercept] });
  using driver = createDriver([echo.address], clientSchema.parse(patient));
  await driver.ready(5_000);
  const start = () => {
    const { ticket, ended } = createWitness();
    driver.channels[0]?.unary(UNARY, Buffer.from('hi'), ticket, undefined);
    return { ticket, ended };
  };
  const calls = Array.from({ length: CALLS }, start);
  // Behind the answer to this one on their connection nothing of theirs is on its way any more.
  assert.equal((await start().ended).status, 'OK');
  for (const { ticket } of calls) ticket.cancel();
  // Begun later, so that its retry would come behind theirs.
  assert.deepEqual((await start().ended).attempts, ['first', 'retry']);
  for (const { ended } of calls) assert.equal((await ended).status, 'CANCELLED');
  assert.equal(seen.length, CALLS + 3);
});
